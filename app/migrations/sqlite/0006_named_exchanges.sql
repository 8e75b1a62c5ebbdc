-- The name that the client gave the exchange of this session, hashed: who comes late by the same name has no copy.
ALTER TABLE sessions ADD COLUMN attempt_hash TEXT;

-- When the person behind a sign-in last proved by their password that it is them: at its beginning, and whenever they
-- confirm it. 0, which a release from before writes, is long ago.
ALTER TABLE sign_ins ADD COLUMN authenticated_at BIGINT NOT NULL DEFAULT 0;
UPDATE sign_ins SET authenticated_at = created_at;

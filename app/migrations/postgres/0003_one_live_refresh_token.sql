-- Never two live refresh tokens in one sign-in, whatever the program believes (RT-03).
CREATE UNIQUE INDEX refresh_tokens_one_live ON refresh_tokens (sign_in_id) WHERE spent_at IS NULL;

-- What the client called the attempt that spent the token (hashed): the same attempt may ask again.
ALTER TABLE refresh_tokens ADD COLUMN attempt_hash TEXT;

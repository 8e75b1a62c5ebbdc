-- A session can be exchanged for the refresh token of the same sign-in, and the other way round. What was exchanged proves
-- nothing any more, but gives the same successor again until that one is seen in use, which is what `superseded_at` tells.
ALTER TABLE sessions ADD COLUMN exchanged_at   BIGINT;
ALTER TABLE sessions ADD COLUMN successor_seed TEXT;
ALTER TABLE sessions ADD COLUMN superseded_at  BIGINT;
-- 1 from the exchange that made the session until somebody shows it.
ALTER TABLE sessions ADD COLUMN is_unseen      BIGINT NOT NULL DEFAULT 0;

-- 1 where `spent_at` and `successor_seed` are those of an exchange, and no renewal.
ALTER TABLE refresh_tokens ADD COLUMN is_exchanged  BIGINT NOT NULL DEFAULT 0;
ALTER TABLE refresh_tokens ADD COLUMN superseded_at BIGINT;

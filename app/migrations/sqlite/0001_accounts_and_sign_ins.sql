-- Times are seconds since 1970 (UTC). Ids are 128 random bits, secrets are kept as SHA-256, both in base64url.

CREATE TABLE users (
    id            TEXT   NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL UNIQUE,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT
);

-- One row per sign-in, whichever way it is proved afterwards.
CREATE TABLE sign_ins (
    id               TEXT   NOT NULL PRIMARY KEY,
    user_id          TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind             TEXT   NOT NULL CHECK (kind IN ('cookie', 'token')),
    kept             BIGINT NOT NULL CHECK (kept IN (0, 1)),
    created_at       BIGINT NOT NULL,
    last_seen_at     BIGINT NOT NULL,
    idle_ends_at     BIGINT NOT NULL,
    absolute_ends_at BIGINT NOT NULL,
    user_agent       TEXT   NOT NULL,
    address          TEXT   NOT NULL,
    revoked_at       BIGINT
);
CREATE INDEX sign_ins_by_user ON sign_ins (user_id);

-- The proof of a cookie sign-in: the session id (hashed), and what the server remembers for it.
CREATE TABLE sessions (
    id_hash    TEXT NOT NULL PRIMARY KEY,
    sign_in_id TEXT NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
    data       TEXT NOT NULL
);
CREATE INDEX sessions_by_sign_in ON sessions (sign_in_id);

-- The renewable proof of a token sign-in. A spent row keeps the seed of its one successor.
CREATE TABLE refresh_tokens (
    secret_hash    TEXT   NOT NULL PRIMARY KEY,
    sign_in_id     TEXT   NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
    spent_at       BIGINT,
    successor_seed TEXT
);
CREATE INDEX refresh_tokens_by_sign_in ON refresh_tokens (sign_in_id);

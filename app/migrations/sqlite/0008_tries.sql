-- Tries that are counted, by what they are counted for: an account from an address, an account, an address, everybody.
-- Times are milliseconds since 1970. `bucket` is a kind and a hash: neither addresses nor accounts can be read from it.
CREATE TABLE tries (
    bucket    TEXT   NOT NULL PRIMARY KEY,
    taken     BIGINT NOT NULL,
    -- Before this moment every further try is refused.
    next_at   BIGINT NOT NULL,
    -- From this moment on the row says nothing any more, and may go.
    forget_at BIGINT NOT NULL
);
CREATE INDEX tries_by_end ON tries (forget_at);

-- Browsers in which an account was signed in to before; the browser keeps a secret, and here is its hash.
CREATE TABLE known_devices (
    device_hash TEXT   NOT NULL,
    user_id     TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- In seconds since 1970.
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (device_hash, user_id)
);
CREATE INDEX known_devices_by_end ON known_devices (expires_at);

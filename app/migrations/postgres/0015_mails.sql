-- What is to be sent by mail. No row has a link in it: a link is made when its mail is sent, and only its hash is kept.
CREATE TABLE mails (
    id TEXT NOT NULL PRIMARY KEY,
    occasion TEXT NOT NULL,
    email TEXT NOT NULL,
    -- The sign-up it is about, if it is about one.
    sign_up_id TEXT,
    asked_at BIGINT NOT NULL,
    -- From where it was asked for, or brought about.
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    -- When the next try to send it may begin, and how many there have been.
    due_at BIGINT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    -- Whether it is one of those that its mailbox may get.
    is_counted BIGINT NOT NULL DEFAULT 0 CHECK (is_counted IN (0, 1))
);
CREATE INDEX mails_by_due_at ON mails (due_at);

-- The live links in mails: one for each person, or each sign-up that waits for its address to be confirmed.
CREATE TABLE links (
    purpose TEXT NOT NULL,
    subject TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL,
    -- A link to set a new password is for the present one.
    password_version BIGINT NOT NULL,
    -- In which mail it is, and when it was made.
    mail_id TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (purpose, subject)
);
CREATE INDEX links_by_expires_at ON links (expires_at);

-- Sign-ups whose address is not confirmed yet. None is an account: several may wait with one address, and whoever has the
-- mailbox makes one theirs.
CREATE TABLE sign_ups (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    asked_at BIGINT NOT NULL
);
CREATE INDEX sign_ups_by_email ON sign_ups (email);
CREATE INDEX sign_ups_by_asked_at ON sign_ups (asked_at);

-- Every authentication event, not only copied proofs. The table is made anew because SQLite cannot take a NOT NULL back:
-- nobody is named by a guess at an unknown address. What has a default is what a release from before does not write.
CREATE TABLE audit_events_of_all_kinds (
    -- In the order of writing, for those of one second.
    position    INTEGER NOT NULL PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    happened_at BIGINT  NOT NULL,
    event       TEXT    NOT NULL,
    outcome     TEXT    NOT NULL DEFAULT 'refused' CHECK (outcome IN ('done', 'refused')),
    reason      TEXT,
    -- What was shown as a proof: a password, a session and so on.
    factor      TEXT    NOT NULL DEFAULT 'refresh_token',
    user_id     TEXT,
    sign_in_id  TEXT,
    address     TEXT    NOT NULL,
    user_agent  TEXT    NOT NULL,
    request_id  TEXT    NOT NULL
);
INSERT INTO audit_events_of_all_kinds (id, happened_at, event, user_id, sign_in_id, address, user_agent, request_id)
SELECT id, happened_at, event, user_id, sign_in_id, address, user_agent, request_id FROM audit_events ORDER BY happened_at;
DROP TABLE audit_events;
ALTER TABLE audit_events_of_all_kinds RENAME TO audit_events;
CREATE INDEX audit_events_by_user ON audit_events (user_id, happened_at);
CREATE INDEX audit_events_by_time ON audit_events (happened_at);

CREATE TRIGGER audit_events_are_final BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'an audit event is final');
END;

-- Events from before this moment may be deleted, and no others. Only the purge moves it, and only forward.
CREATE TABLE audit_retention (
    line             INTEGER NOT NULL PRIMARY KEY CHECK (line = 1),
    deletable_before BIGINT  NOT NULL
);
INSERT INTO audit_retention (line, deletable_before) VALUES (1, 0);

CREATE TRIGGER audit_events_are_kept BEFORE DELETE ON audit_events
WHEN OLD.happened_at >= (SELECT max(deletable_before) FROM audit_retention)
BEGIN
    SELECT RAISE(ABORT, 'an audit event is kept');
END;
CREATE TRIGGER audit_retention_only_grows BEFORE UPDATE ON audit_retention
WHEN NEW.deletable_before < OLD.deletable_before
BEGIN
    SELECT RAISE(ABORT, 'what may be deleted only grows');
END;

-- What happened around people's accounts, each a row that is added and never changed. Neither the person nor the sign-in
-- is a reference, because a row stays when they are gone.
CREATE TABLE audit_events (
    id          TEXT   NOT NULL PRIMARY KEY,
    happened_at BIGINT NOT NULL,
    event       TEXT   NOT NULL,
    user_id     TEXT   NOT NULL,
    sign_in_id  TEXT   NOT NULL,
    -- Who did it, as far as the server can tell, and the request in the log.
    address     TEXT   NOT NULL,
    user_agent  TEXT   NOT NULL,
    request_id  TEXT   NOT NULL
);
CREATE INDEX audit_events_by_user ON audit_events (user_id, happened_at);

CREATE FUNCTION refuse_change_of_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an audit event is final';
END
$$;
CREATE TRIGGER audit_events_are_final BEFORE UPDATE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_event();

-- What a person sees of their events is the latest of each outcome.
DROP INDEX audit_events_by_user;
CREATE INDEX audit_events_by_user ON audit_events (user_id, outcome, happened_at);

-- Without the mark nothing may be deleted. It is there from the beginning, once and for good. The purge moves it, and so can
-- whoever may write to this table: the triggers stop what happens by mistake, and nobody who administers the database.
DROP TRIGGER audit_events_are_kept;
CREATE TRIGGER audit_events_are_kept BEFORE DELETE ON audit_events
WHEN OLD.happened_at >= COALESCE((SELECT max(deletable_before) FROM audit_retention), 0)
BEGIN
    SELECT RAISE(ABORT, 'an audit event is kept');
END;
CREATE TRIGGER audit_retention_is_kept BEFORE DELETE ON audit_retention
BEGIN
    SELECT RAISE(ABORT, 'what may be deleted only grows');
END;
CREATE TRIGGER audit_retention_is_once BEFORE INSERT ON audit_retention
BEGIN
    SELECT RAISE(ABORT, 'what may be deleted only grows');
END;

-- INSERT OR REPLACE deletes without the trigger above. Where no position is given, it is a negative one here.
CREATE TRIGGER audit_events_are_not_replaced BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id OR (NEW.position >= 0 AND position = NEW.position))
BEGIN
    SELECT RAISE(ABORT, 'an audit event is final');
END;

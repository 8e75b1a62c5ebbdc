-- What a person sees of their events is the latest of each outcome.
DROP INDEX audit_events_by_user;
CREATE INDEX audit_events_by_user ON audit_events (user_id, outcome, happened_at);

-- The mark is there from the beginning, once and for good; without it nothing may be deleted. The purge moves it, and so can
-- whoever may write to this table: the triggers stop what happens by mistake, and nobody who administers the database.
CREATE TRIGGER audit_retention_is_kept BEFORE INSERT OR DELETE OR TRUNCATE ON audit_retention
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_shorter_retention();

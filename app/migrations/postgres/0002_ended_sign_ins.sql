-- The hourly purge looks for sign-ins that ended long ago.
CREATE INDEX sign_ins_by_idle_end ON sign_ins (idle_ends_at);
CREATE INDEX sign_ins_by_revocation ON sign_ins (revoked_at) WHERE revoked_at IS NOT NULL;

-- How often a password was changed: what was proved with an earlier one begins no sign-in.
ALTER TABLE users ADD COLUMN password_version INTEGER NOT NULL DEFAULT 0;

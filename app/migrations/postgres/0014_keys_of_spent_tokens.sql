-- The key that a refresh token was bound to when it was spent. Until then it is bound to what its sign-in is bound to, which
-- whoever renews it first may choose. A token that was spent before this counts as bound to none: whose key the sign-in has by
-- now, nobody can tell.
ALTER TABLE refresh_tokens ADD COLUMN bound_to TEXT;

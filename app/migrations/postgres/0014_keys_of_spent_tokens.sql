-- The key that a refresh token was bound to when it was spent. Until then it is bound to what its sign-in is bound to, which
-- whoever renews it first may choose.
ALTER TABLE refresh_tokens ADD COLUMN bound_to TEXT;
UPDATE refresh_tokens SET bound_to = (SELECT i.bound_to FROM sign_ins i WHERE i.id = refresh_tokens.sign_in_id)
WHERE spent_at IS NOT NULL;

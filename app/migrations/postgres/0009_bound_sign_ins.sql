-- The RFC 7638 thumbprint of the key that a client must prove to have beside a token of this sign-in (RFC 9449).
ALTER TABLE sign_ins ADD COLUMN bound_to TEXT;

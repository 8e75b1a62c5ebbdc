-- Proofs of possession that came with something that must not be done twice, so that no node takes them again. Times are
-- seconds since 1970.
CREATE TABLE spent_proofs (
    -- Half a hash of the key's thumbprint and the proof's `jti`.
    proof     TEXT   NOT NULL PRIMARY KEY,
    spent_at  BIGINT NOT NULL,
    -- No node takes the proof's nonce after that, and the row may go.
    forget_at BIGINT NOT NULL
);
CREATE INDEX spent_proofs_by_end ON spent_proofs (forget_at);

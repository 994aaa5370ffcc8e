-- Identity, whole: secrets that overlap when they are rotated, clients named by tenant, revocations.

-- The secret before the present one, which is good until then.
ALTER TABLE oauth_clients ADD COLUMN old_secret_hash bytea CHECK (length(old_secret_hash) = 32);
ALTER TABLE oauth_clients ADD COLUMN old_secret_until timestamptz;

-- One tenant must not learn another's names by finding them taken.
ALTER TABLE oauth_clients DROP CONSTRAINT oauth_clients_name_key;
CREATE UNIQUE INDEX oauth_clients_tenant_name ON oauth_clients (tenant, name);

-- Tokens, and clients of which all tokens, are refused before their time. A catalogue table: every server reads all of it.
CREATE TABLE revocations (
    id uuid PRIMARY KEY,
    until timestamptz NOT NULL
);

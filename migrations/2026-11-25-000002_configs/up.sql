-- Configs: what each key holds, every version that it ever had, and the number of each agent's newest change.

-- The newest change of an agent's configs. Every change updates this row first, so the changes of one agent commit in the order of
-- their numbers, and who reads them in that order misses none.
CREATE TABLE config_heads (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    change bigint NOT NULL CHECK (change >= 0),
    PRIMARY KEY (tenant_id, agent_id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents
);

CREATE TABLE configs (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    version bigint NOT NULL CHECK (version >= 1),
    deleted boolean NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, key),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents
);

-- Serves the list, past the keys that were deleted.
CREATE INDEX configs_living_idx ON configs (tenant_id, agent_id, key) WHERE NOT deleted;

-- `json`, not `jsonb`: a value is read back with the digits and the order of members that it was set with, as a sealed one is.
CREATE TABLE config_versions (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    change bigint NOT NULL CHECK (change >= 1),
    value json,
    sealed_value bytea,
    description text CHECK (length(description) <= 4000),
    schema json,
    secret boolean NOT NULL,
    deleted boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by uuid NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, key, version),
    FOREIGN KEY (tenant_id, agent_id, key) REFERENCES configs,
    -- A secret is never in the clear, and a deletion has no value.
    CHECK ((value IS NOT NULL) = (NOT secret AND NOT deleted)),
    CHECK ((sealed_value IS NOT NULL) = (secret AND NOT deleted))
);

-- Serves the watchers and the purge.
CREATE UNIQUE INDEX config_versions_change_key ON config_versions (tenant_id, agent_id, change);
-- Serves reading as of a time.
CREATE INDEX config_versions_changed_at_idx ON config_versions (tenant_id, agent_id, key, changed_at, version);

-- Datasets of agents: what the vectors in each have in common, and how many there are.

CREATE TABLE datasets (
    tenant_id bigint NOT NULL,
    id uuid NOT NULL,
    agent_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    description text CHECK (length(description) <= 4000),
    metadata jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
    dimension integer CHECK (dimension BETWEEN 1 AND 16000),
    distance text NOT NULL CHECK (distance IN ('cosine', 'l2', 'inner_product', 'l1')),
    embedding_model text CHECK (length(embedding_model) BETWEEN 1 AND 200),
    -- Name of the text search configuration by which its texts are searched.
    language text NOT NULL,
    -- Every write of embeddings adds to it in its own transaction.
    embedding_count bigint NOT NULL CHECK (embedding_count >= 0),
    -- What maintenance knows of its indexes; it has the last word on whether they are there.
    index_state text NOT NULL CHECK (index_state IN ('exact', 'building', 'ready')),
    index_built_at timestamptz,
    -- Somebody wants them, however few embeddings there are. A new number wants them anew.
    index_wanted boolean NOT NULL,
    index_generation integer NOT NULL CHECK (index_generation >= 0),
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id),
    -- The first embedding fixes it.
    CHECK (embedding_count = 0 OR dimension IS NOT NULL)
);

-- Names are unique among the living of an agent; also serves the filter `name`.
CREATE UNIQUE INDEX datasets_name_key ON datasets (tenant_id, agent_id, name) WHERE deleted_at IS NULL;
-- Serves the list.
CREATE INDEX datasets_created_at_idx ON datasets (tenant_id, agent_id, created_at, id) WHERE deleted_at IS NULL;
-- Serves the purge of a deleted agent's datasets, and the foreign key.
CREATE INDEX datasets_agent_id_idx ON datasets (tenant_id, agent_id, id);
-- Serves the purge of deleted datasets.
CREATE INDEX datasets_deleted_at_idx ON datasets (deleted_at) WHERE deleted_at IS NOT NULL;

-- Prompts: immutable versions, the counter that numbers them, and labels that move between them.

-- One row an agent: the number of its newest version. Taking the next number locks the row, so versions of one agent are written one after the other.
CREATE TABLE prompt_heads (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    PRIMARY KEY (tenant_id, agent_id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id)
);

-- Nothing searches in messages and config, and json keeps them as they were sent: order, digits and all.
CREATE TABLE prompts (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    kind text NOT NULL CHECK (kind IN ('text', 'chat')),
    template text CHECK (length(template) <= 200000),
    messages json CHECK (json_typeof(messages) = 'array' AND json_array_length(messages) <= 200),
    config json NOT NULL CHECK (json_typeof(config) = 'object'),
    variables text[] NOT NULL,
    description text CHECK (length(description) <= 4000),
    content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
    identical_to_previous boolean NOT NULL,
    content_bytes integer NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, version),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id),
    CHECK ((template IS NOT NULL) = (kind = 'text') AND (messages IS NOT NULL) = (kind = 'chat'))
);

-- A label that was deleted keeps its row, without a version, so that its moves stay numbered.
CREATE TABLE prompt_labels (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    label text COLLATE "C" NOT NULL CHECK (length(label) BETWEEN 1 AND 63 AND label <> 'latest'),
    version integer,
    moves integer NOT NULL,
    moved_at timestamptz NOT NULL,
    moved_by uuid NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, label),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id, version) REFERENCES prompts (tenant_id, agent_id, version)
);

-- Where each label went, numbered from 1 for each label; without a version it was deleted.
CREATE TABLE prompt_label_moves (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    label text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    version integer,
    moved_at timestamptz NOT NULL,
    moved_by uuid NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, label, number),
    FOREIGN KEY (tenant_id, agent_id, label) REFERENCES prompt_labels (tenant_id, agent_id, label)
);

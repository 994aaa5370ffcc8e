-- Data points of agents' metrics, partitioned by time as logs are.

CREATE TABLE metrics (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    timestamp timestamptz NOT NULL,
    id uuid NOT NULL,
    name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 2),
    value double precision NOT NULL CHECK (value > '-infinity' AND value < 'infinity'),
    unit text COLLATE "C" CHECK (length(unit) BETWEEN 1 AND 63),
    attributes jsonb NOT NULL CHECK (jsonb_typeof(attributes) = 'object'),
    -- Also serves the list in both orders and its time range, and the purge.
    PRIMARY KEY (tenant_id, agent_id, timestamp, id)
) PARTITION BY RANGE (timestamp);

-- Serves the filter `name` in both orders.
CREATE INDEX metrics_name_idx ON metrics (tenant_id, agent_id, name, timestamp, id);

-- What is older than this week. The server makes the weeks from here on.
CREATE TABLE metrics_history PARTITION OF metrics FOR VALUES FROM (MINVALUE) TO (date_trunc('week', now(), 'UTC'));

-- Logs of agents, partitioned by time. There is no foreign key, because it would cost half of the rate of bulk inserts:
-- the statement that inserts looks for the living agent itself.

CREATE TABLE logs (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    timestamp timestamptz NOT NULL,
    id uuid NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 6),
    message text NOT NULL CHECK (length(message) <= 65536),
    attributes jsonb NOT NULL CHECK (jsonb_typeof(attributes) = 'object'),
    trace_id bytea CHECK (length(trace_id) = 16),
    span_id bytea CHECK (length(span_id) = 8),
    session_id text COLLATE "C" CHECK (length(session_id) BETWEEN 1 AND 200),
    -- Also serves the list in both orders and its time range, a log by its id, and the purge.
    PRIMARY KEY (tenant_id, agent_id, timestamp, id)
) PARTITION BY RANGE (timestamp);

-- Serves the filters `level` and `min_level` in both orders: however rare a level is, its page is one stretch.
CREATE INDEX logs_level_idx ON logs (tenant_id, agent_id, level, timestamp, id);
-- Serve the filters `trace_id` and `session_id` in both orders.
CREATE INDEX logs_trace_id_idx ON logs (tenant_id, agent_id, trace_id, timestamp, id) WHERE trace_id IS NOT NULL;
CREATE INDEX logs_session_id_idx ON logs (tenant_id, agent_id, session_id, timestamp, id) WHERE session_id IS NOT NULL;

-- What is older than this week. The server makes the weeks from here on.
CREATE TABLE logs_history PARTITION OF logs FOR VALUES FROM (MINVALUE) TO (date_trunc('week', now(), 'UTC'));

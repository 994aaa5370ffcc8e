-- Calls of tools by agents, partitioned by time as logs are.

CREATE TABLE tool_usage (
    tenant_id bigint NOT NULL,
    agent_id uuid NOT NULL,
    timestamp timestamptz NOT NULL,
    id uuid NOT NULL,
    tool_name text COLLATE "C" NOT NULL CHECK (length(tool_name) BETWEEN 1 AND 200),
    tool_type text COLLATE "C" CHECK (length(tool_type) BETWEEN 1 AND 100),
    call_id text COLLATE "C" CHECK (length(call_id) BETWEEN 1 AND 200),
    status smallint NOT NULL CHECK (status BETWEEN 1 AND 4),
    input jsonb,
    output jsonb,
    error_type text COLLATE "C" CHECK (length(error_type) BETWEEN 1 AND 200),
    error_message text CHECK (length(error_message) <= 16384),
    duration_ms bigint CHECK (duration_ms >= 0),
    input_tokens bigint CHECK (input_tokens >= 0),
    output_tokens bigint CHECK (output_tokens >= 0),
    cost_usd numeric(20, 10) CHECK (cost_usd >= 0),
    prompt_version bigint CHECK (prompt_version >= 1),
    trace_id bytea CHECK (length(trace_id) = 16),
    span_id bytea CHECK (length(span_id) = 8),
    session_id text COLLATE "C" CHECK (length(session_id) BETWEEN 1 AND 200),
    -- Also serves the list in both orders and its time range, a call by its id, and the purge.
    PRIMARY KEY (tenant_id, agent_id, timestamp, id)
) PARTITION BY RANGE (timestamp);

-- Serve the filters `tool_name` and `status` in both orders: however rare a value is, its page is one stretch.
CREATE INDEX tool_usage_tool_name_idx ON tool_usage (tenant_id, agent_id, tool_name, timestamp, id);
CREATE INDEX tool_usage_status_idx ON tool_usage (tenant_id, agent_id, status, timestamp, id);
-- Serve the filters `trace_id` and `session_id` in both orders.
CREATE INDEX tool_usage_trace_id_idx ON tool_usage (tenant_id, agent_id, trace_id, timestamp, id) WHERE trace_id IS NOT NULL;
CREATE INDEX tool_usage_session_id_idx ON tool_usage (tenant_id, agent_id, session_id, timestamp, id) WHERE session_id IS NOT NULL;

-- What is older than this week. The server makes the weeks from here on.
CREATE TABLE tool_usage_history PARTITION OF tool_usage FOR VALUES FROM (MINVALUE) TO (date_trunc('week', now(), 'UTC'));

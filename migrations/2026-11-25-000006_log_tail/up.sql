-- A tail of logs follows the order of commits, which timestamps do not tell: each log knows the transaction that stored it.
-- Logs that were there before have none, and are no news to any tail.

ALTER TABLE logs ADD COLUMN transaction_id bigint;
ALTER TABLE logs ALTER COLUMN transaction_id SET DEFAULT (pg_current_xact_id()::text::bigint);

-- Serves the tail of an agent's logs.
CREATE INDEX logs_tail_idx ON logs (tenant_id, agent_id, transaction_id, id) WHERE transaction_id IS NOT NULL;

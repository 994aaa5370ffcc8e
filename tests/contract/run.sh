#!/bin/sh
# Every check of schemathesis, but those that its settings turn off for an operation, against the server that tools/with_server.py started.
set -eu
cd "$(dirname "$0")/../.."
.venv/bin/st --config-file tests/contract/schemathesis.toml run "$AGENTDATA_URL/openapi.json"
exec tests/contract/token_is_good.sh

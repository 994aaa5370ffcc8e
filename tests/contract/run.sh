#!/bin/sh
# Every check of schemathesis, but those that its settings turn off for an operation, against the server that tools/with_server.py started.
set -eu
cd "$(dirname "$0")/../.."
.venv/bin/st --config-file tests/contract/schemathesis.toml run "$AGENTDATA_URL/openapi.json"
# A token that was refused half-way would have let everything after it pass.
exec .venv/bin/python -c 'import os, urllib.request as u
u.urlopen(u.Request(os.environ["AGENTDATA_URL"] + "/agents", headers={"Authorization": "Bearer " + os.environ["AGENTDATA_TOKEN"]}))'

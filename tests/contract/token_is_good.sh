#!/bin/sh
# A token that was refused half-way would have let everything after it pass.
exec "$(dirname "$0")/../../.venv/bin/python" -c 'import os, urllib.request as u
u.urlopen(u.Request(os.environ["AGENTDATA_URL"] + "/agents", headers={"Authorization": "Bearer " + os.environ["AGENTDATA_TOKEN"]}))'

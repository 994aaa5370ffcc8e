#!/bin/sh
# Generates both clients from openapi/openapi.json; with --check, compares with the checked-in ones instead.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH # openapi-python-client, ruff, node, npm

generate() { # generate DIRECTORY, laid out like clients/
    (cd clients/typescript && AGENTDATA_CLIENT_OUT=$1/$typescript npm run --silent generate)
    rm -rf "${1:?}/$python" # the generator leaves modules behind that are no longer in the specification
    openapi-python-client generate --path openapi/openapi.json --meta none --fail-on-warning \
        --config clients/python/generator.yml --custom-template-path clients/python/templates \
        --output-path "$1/$python"
    tools/python_resources.py openapi/openapi.json "$1/$methods"
}
typescript=typescript/src/generated
python=python/agentdata_client
methods=python/agentdata # its resources/ and params.py only

if [ "${1:-}" != --check ]; then
    generate "$PWD/clients"
    exit
fi
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
mkdir -p "$fresh/typescript" "$fresh/python"
generate "$fresh" >/dev/null
for made in "$typescript" "$python" "$methods/resources" "$methods/params.py"; do
    diff -r -x __pycache__ "$fresh/$made" "clients/$made" || {
        echo "error: clients/$made does not match openapi/openapi.json: run 'make clients'" >&2
        exit 1
    }
done
echo 'Both clients match openapi/openapi.json.'

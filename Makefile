# Every job of a developer, one target each; `make help` lists them from the comments after `##`.

.DEFAULT_GOAL := help
.PHONY: help run invoke test check clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
PYTHON := .local/venv/bin/python
CARGO_DENY := .local/cargo-deny-0.20.2/bin/cargo-deny

FUNCTION ?= probe
EVENT ?= infra/local/events/$(FUNCTION).json

help: ## list the targets
	@echo 'xs2a-monitor: a synthetic monitor for open-banking APIs. Targets:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build-local ## set up and run the whole journey from three regions on this machine
	@$(TARGET_DIR)/debug/xs2a-monitor rehearse

invoke: build-local ## call a function on the local cloud: make invoke [FUNCTION=probe] [EVENT=file]
	@$(PYTHON) infra/local/invoke.py --monitor $(TARGET_DIR)/debug/xs2a-monitor --function '$(FUNCTION)' --event '$(EVENT)'

test: setup ## set up and run every test
	@$(PYTHON) -m unittest discover --start-directory infra/local
	@cargo test --workspace --doc
	@if command -v cargo-nextest >/dev/null; then \
		cargo nextest run --workspace; \
	else \
		cargo test --workspace --lib --bins --tests; \
	fi

check: fmt-check lint docs tls-check scripts-check deny ## formatting, lints, docs, licences and bans; no tests

clean: ## remove what was built and what the set-up installed
	cargo clean
	rm -rf .local

# The steps of the targets above.

.PHONY: setup build-local fmt-check lint docs tls-check scripts-check deny
setup:
	@infra/local/setup

build-local: setup
	@echo 'building the probe and the command (minutes the first time)' >&2
	@cargo build --package probe --package cli

fmt-check:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps

# One TLS stack (rustls on ring): a crate with default features easily brings a second one.
tls-check:
	@tree=$$(cargo tree --workspace --prefix none --format '{p}') || exit 1; \
	if echo "$$tree" | grep -E '^(aws-lc-sys|aws-lc-rs|openssl-sys|native-tls|s2n-tls-sys) '; then \
		echo 'a second TLS stack is in the tree (above); cargo tree -i NAME shows who asks for it' >&2; \
		exit 1; \
	fi

scripts-check: setup
	@for file in infra/local/*.py; do \
		$(PYTHON) -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$$file" || exit 1; \
	done
	@sh -n infra/local/setup && bash -n .ci/run

# The advisory database is a git repository elsewhere: checked when it can be had, the rest always.
deny: $(CARGO_DENY)
	$(CARGO_DENY) --locked check --hide-inclusion-graph bans licenses sources
	@if $(CARGO_DENY) --log-level off fetch db; then \
		$(CARGO_DENY) check --disable-fetch advisories; \
	else \
		echo 'advisories skipped: database not reachable' >&2; \
	fi

$(CARGO_DENY):
	@echo 'installing cargo-deny 0.20.2 into .local/ (once, about four minutes)' >&2
	@cargo install --locked --quiet --root .local/cargo-deny-0.20.2 cargo-deny@0.20.2

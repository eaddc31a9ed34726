# Every job of a developer, one target each; `make help` lists them from the comments after `##`.

.DEFAULT_GOAL := help
.PHONY: help run report drill invoke mute unmute ack test-alert deploy plan status destroy secret run-now cost test test-alarms check size bench clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON := .local/venv/bin/python
CARGO_DENY := .local/cargo-deny-0.20.2/bin/cargo-deny

# Cargo knows where the command is, whatever the target folder is called; it passes on exit code and Ctrl-C.
MONITOR := cargo run --quiet --package cli --

# The probe's package, and the most bytes that it may take with the configuration.
PACKAGE := .local/package/probe/bootstrap.zip
MOST_BYTES := 3500000

# What a person says reaches the recipes through the environment, never as a part of their text.
export FAULT FILE TARGET FOR REASON INCIDENT CONFIG PARAMETER REGION ARCH MEMORY LOG_DAYS RESERVED_CONCURRENCY OPS_EMAIL
export REPORT_LINK_HOURS
export FUNCTION ?= probe
export EVENT ?= infra/local/events/$(FUNCTION).json

DEPLOY := $(PYTHON) infra/aws/deploy.py $${CONFIG:+--config "$$CONFIG"}
# An option for a variable of make's command line, also an empty one; the environment's own ARCH is not meant.
given = $(if $(filter command,$(origin $(1))),$(2)="$$$(1)")
# The same for a word that must not be said by mistake.
confirmed = $(if $(filter command,$(origin $(1))),$(if $(filter 1 yes,$($(1))),$(2),$(error $(1)= takes 1 or yes)))
WISHES = $(call given,ARCH,--architecture) $(call given,MEMORY,--memory) $(call given,LOG_DAYS,--log-days) \
	$(call given,RESERVED_CONCURRENCY,--reserved-concurrency) $(call given,OPS_EMAIL,--ops-email) \
	$(call given,REPORT_LINK_HOURS,--report-link-hours) \
	$(if $(filter on,$(TARGET_ALARMS)),--target-alarms) $(if $(filter off,$(TARGET_ALARMS)),--no-target-alarms)

help: ## list the targets
	@echo 'xs2a-monitor: a synthetic monitor for open-banking APIs. Targets:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build-local ## set up and run the whole journey from three regions on this machine
	@$(MONITOR) rehearse

report: ## show the last local run again, and where its page is: make report [FILE=report.json]
	@$(MONITOR) report $${FILE:+"$$FILE"}

drill: fault-given build-local ## rehearse an outage: make drill FAULT='5:status=503' (several with blanks between)
	@set -f; for rule in $$FAULT; do set -- "$$@" --fault "$$rule"; done; $(MONITOR) drill "$$@"

invoke: build-local ## call a function on the local cloud: make invoke [FUNCTION=probe|aggregator] [EVENT=file]
	@$(MONITOR) invoke --function "$$FUNCTION" --event "$$EVENT"

mute: ## hold a deployment's notifications back: make mute TARGET=id|all FOR=2h REASON='release'
	@$(MONITOR) mute --target "$$TARGET" --for "$$FOR" --reason "$$REASON"

unmute: ## let them through again: make unmute TARGET=id|all
	@$(MONITOR) unmute --target "$$TARGET"

ack: ## take an incident of a deployment: make ack INCIDENT=key
	@$(MONITOR) ack --incident "$$INCIDENT"

test-alert: ## send a test to every channel of a deployment and print the answers
	@$(MONITOR) test-alert

deploy: setup ## make or change all in AWS: make deploy [ARCH=arm64] [MEMORY=MB] [LOG_DAYS=N] [OPS_EMAIL=address]
	@$(DEPLOY) deploy $(WISHES)

plan: setup ## what deploy would change; the same variables
	@$(DEPLOY) plan $(WISHES)

status: setup ## what is deployed: last runs, alarms, incidents, subscriptions that wait
	@$(DEPLOY) status

destroy: setup ## remove all from AWS: make destroy [YES=1] [SECRETS=1] [REGION=one that is no longer configured]
	@$(DEPLOY) destroy $(call given,REGION,--region) $(call confirmed,YES,--yes) $(call confirmed,SECRETS,--secrets)

secret: setup ## store a token, asked for or from standard input: make secret [TARGET=id | PARAMETER=/name]
	@$(DEPLOY) secret $(call given,TARGET,--target) $(call given,PARAMETER,--parameter)

run-now: setup ## one run of the deployed probe that alerts nobody: make run-now REGION=us-east-1
	@$(DEPLOY) run-now --region "$$REGION"

cost: setup ## what a month costs, measured on this machine (JSON=1: as JSON; CONFIG=file)
	@$(PYTHON) infra/aws/cost.py $${CONFIG:+--config "$$CONFIG"} $(if $(JSON),--json)

test: setup-tests ## set up and run every test
	@$(PYTHON) -m unittest discover --start-directory infra/local
	@$(PYTHON) -m unittest discover --start-directory infra/aws
	@$(PYTHON) -m unittest discover --start-directory infra/browser
	@cargo test --workspace --doc
	@if command -v cargo-nextest >/dev/null; then \
		cargo nextest run --workspace; \
	else \
		cargo test --workspace --lib --bins --tests; \
	fi

test-alarms: setup ## see the alarms evaluated and told, by LocalStack (two minutes; skipped without Python 3.12)
	@$(PYTHON) infra/aws/live_alarms.py

check: fmt-check lint docs tls-check scripts-check deny ## formatting, lints, docs, licences and bans; no tests

size: package ## build the probe's package and fail when it is too large
	@bytes=$$(cat $(PACKAGE) infra/monitor.toml | wc -c); \
	echo "probe: $$bytes bytes, package and configuration (at most $(MOST_BYTES))"; \
	if [ "$$bytes" -gt $(MOST_BYTES) ]; then \
		echo 'the package is too large: cargo tree --package probe shows what came in' >&2; \
		exit 1; \
	fi

bench: setup ## what one run costs, and how fast an alert is (builds in release mode)
	@$(PYTHON) infra/local/bench.py
	@$(PYTHON) infra/local/bench_alerts.py

clean: ## remove what was built and what the set-up installed
	cargo clean
	rm -rf .local

# The steps of the targets above.

.PHONY: setup setup-tests fault-given build-local package fmt-check lint docs tls-check scripts-check deny
setup:
	@infra/local/setup

setup-tests:
	@infra/local/setup --tests

fault-given:
	@if [ -z "$$(echo $$FAULT)" ]; then \
		echo 'drill: FAULT says what breaks, for example:' >&2; \
		echo "  make drill FAULT='5:status=503'            the bank fails at request 5, everywhere" >&2; \
		echo "  make drill FAULT='5:status=503@us-west-1'  in one region only" >&2; \
		exit 2; \
	fi

build-local: setup
	@echo 'building the functions and the command (minutes the first time)' >&2
	@cargo build --package probe --package aggregator --package cli

package: setup
	@.local/venv/bin/cargo-lambda lambda build --release --compiler cargo --output-format zip \
		--lambda-dir .local/package --package probe

fmt-check:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps

# One TLS stack (rustls on ring), once: a crate with default features easily brings a second one, and the AWS crates'
# `rustls` feature an older rustls with hyper 0.14.
tls-check:
	@tree=$$(cargo tree --workspace --prefix none --format '{p}') || exit 1; \
	tree=$$(echo "$$tree" | sed 's, (\*)$$,,' | sort -u) || exit 1; \
	if echo "$$tree" | grep -E '^(aws-lc-sys|aws-lc-rs|openssl-sys|native-tls|s2n-tls-sys) |^hyper v0\.14\.'; then \
		echo 'a second TLS or HTTP stack is in the tree (above); cargo tree -i NAME shows who asks for it' >&2; \
		exit 1; \
	fi; \
	if [ "$$(echo "$$tree" | grep -c '^rustls v')" -ne 1 ]; then \
		echo "$$tree" | grep '^rustls v'; \
		echo 'one version of rustls is wanted; cargo tree -i rustls@VERSION shows who asks for it' >&2; \
		exit 1; \
	fi

scripts-check: setup
	@for file in infra/local/*.py infra/aws/*.py infra/browser/*.py; do \
		$(PYTHON) -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$$file" || exit 1; \
	done
	@sh -n infra/local/setup && bash -n .ci/run

# The advisory database is a git repository elsewhere: checked when it can be had, the rest always.
deny: $(CARGO_DENY)
	$(CARGO_DENY) --locked check --hide-inclusion-graph bans licenses sources
	@if $(CARGO_DENY) --log-level off fetch db; then \
		$(CARGO_DENY) --locked --offline check --hide-inclusion-graph advisories; \
	else \
		echo 'advisories skipped: database not reachable' >&2; \
	fi

$(CARGO_DENY):
	@echo 'installing cargo-deny 0.20.2 into .local/ (once, about four minutes)' >&2
	@cargo install --locked --quiet --root .local/cargo-deny-0.20.2 cargo-deny@0.20.2

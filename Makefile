# make run, make demo, make test: each installs what is missing on a Debian machine, and says so.

CARGO := PATH="$$HOME/.cargo/bin:$$PATH" cargo
UI := $(shell find frontend/src frontend/index.html frontend/package-lock.json frontend/vite.config.ts -type f 2>/dev/null)

.PHONY: run demo test bench bench-debtors bench-import bench-fleet soak soak-fleet fuzz fmt gen clean

## Build and start the server on SQLite at http://127.0.0.1:8080, pointed at the real WhatsApp Web.
run: frontend/dist/index.html
	@.ci/setup run
	$(CARGO) run --release --locked -- serve

## The same against the built-in simulator, with a demo user, three numbers to scan, a template and a sample workbook.
demo: frontend/dist/index.html
	@.ci/setup run
	$(CARGO) run --release --locked -- demo

## Every test: server on SQLite and PostgreSQL, browser driver, web app, end to end.
test: frontend/dist/index.html
	@.ci/setup test
	@.ci/test

## What a campaign of a million debtors, or as many as DEBTORS says, costs, beside bare SQL and a queue of jobs.
bench: frontend/dist/index.html
	@.ci/setup bench
	$(CARGO) bench --locked --bench engine

## How quick lists of a million debtors are, or of as many as DEBTORS says.
bench-debtors: frontend/dist/index.html
	@.ci/setup bench
	$(CARGO) bench --locked --bench debtors

## How fast a csv of a million debtors, or of as many as ROWS says, and a workbook of a fifth of them come in, beside the bare load.
bench-import: frontend/dist/index.html
	@.ci/setup bench-import
	$(CARGO) bench --locked --bench import

## What a number costs, beside whatsapp-web.js, in fleets of 1 to 16 numbers, or of as many as NUMBERS=1,2 says.
bench-fleet: NUMBERS ?= 1,2,4,8,16
bench-fleet: frontend/dist/index.html
	@.ci/setup bench-fleet
	$(CARGO) build --release --locked
	NUMBERS=$(NUMBERS) node benches/fleet/bench.mjs

## A million histories of crashes through the engine, or as many as SEEDS says.
soak: frontend/dist/index.html
	@.ci/setup run
	SEEDS=$(or $(SEEDS),1000000) $(CARGO) test --release --locked --test it -- engine::simulation --nocapture

## Eight numbers that send for half an hour, or as long as MINUTES says: is memory steady, and does every message arrive once?
soak-fleet: frontend/dist/index.html
	@.ci/setup bench-fleet
	$(CARGO) build --release --locked
	MINUTES=$(or $(MINUTES),30) node benches/fleet/soak.mjs

## Search for files, phones and amounts that break a reader: CASES for each property, of damaged workbooks a tenth.
fuzz: CASES ?= 20000
fuzz:
	PROPTEST_CASES=$(CASES) $(CARGO) test --locked --lib fuzz::
	PROPTEST_CASES=$$(($(CASES) / 10)) $(CARGO) test --locked --test it import::fuzz

## Format everything.
fmt:
	$(CARGO) fmt
	npm --prefix frontend run --silent format

## Write the API document and the TypeScript types again after a change to a route or an event.
gen:
	$(CARGO) run --locked -- openapi > frontend/openapi.json
	npm --prefix frontend run --silent gen

clean:
	$(CARGO) clean
	rm -rf frontend/dist frontend/node_modules

frontend/dist/index.html: $(UI)
	@.ci/setup run
	@echo '== Building the command center'
	npm --prefix frontend run --silent build

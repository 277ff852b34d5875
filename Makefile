# nginx-credits.  make help lists the targets.

BUILD   ?= $(CURDIR)/build
NGX_SRC ?= /usr/share/nginx/src
PORT    ?= 8080

MODULE  := $(BUILD)/ngx_http_credits_module.so
SOURCES := config tools/build-module tools/version sql/version.sql \
           $(wildcard ngx_http_credits_module/*/*.[ch])
TESTS   := lint test-layers test-tools test-unit test-fuzz test-sql \
           test-engine test-nginx test-live test-field test-chaos test-e2e \
           test-sdk test-site

export PORT

.DEFAULT_GOAL := module
.NOTPARALLEL:
.PHONY: help module site run up down test $(TESTS) test-install \
        asan fuzz chaos mutants bench bench-scanner coverage architecture \
        screenshots clean

help:         ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## /\1|/p' Makefile \
	    | awk -F '|' '{ printf "%-14s %s\n", $$1, $$2 }'

module: $(MODULE)  ## build/ngx_http_credits_module.so; NGX_SRC=<dir> for another nginx

$(MODULE): $(SOURCES)
	tools/build-module $(NGX_SRC) $(BUILD)

site:         ## web/build, the static pages
	tools/build-site

run:          ## everything a fresh machine needs, then the product on PORT
	demo/install
	demo/run

up:           ## the same in the background
	demo/install
	demo/up

down:         ## stop it
	demo/down

test: test-install $(TESTS)  ## everything a fresh machine needs, then every test

test-install:
	demo/install test

lint:         ## cppcheck, shellcheck, style, stems; nothing is run; about 20 s
	demo/packages lint
	tools/lint

test-layers:  ## http, engine, core: who may know whom, no circles; 1 s
	tools/check-layers

test-tools:   ## the checks, checked: a tree that breaks each rule; about 15 s
	prove t/tools

test-unit:    ## core/: each function does what its header says; about 1 min
	$(MAKE) -C t/unit test

test-fuzz:    ## core/: no input, seed or made by libFuzzer, breaks it; about 1 min
	$(MAKE) -C t/fuzz check

test-sql:     ## the ledger: what each function does, and that money adds up; about 1 min
	t/with-services sh -c 'DATABASE_URL=$$TEST_NGINX_ADMIN_URL t/sql/run'

test-engine:  ## libpq in nginx's event loop: no query is lost; about 2 min
	t/engine/run

test-nginx: module  ## Test::Nginx: directives, answers, hostile input; about 3 min
	prove -It/lib t/lib/t/driver.t
	t/run-nginx

test-live: module  ## workers and nodes that die: charged exactly once; about 3 min
	t/live/run

test-field: module  ## what is charged for each odd request and answer, cut anywhere; about 3 min
	t/field/run

test-chaos: module  ## one seed of make chaos: all faults at once; about 40 s
	SEED=1 t/chaos/run

test-e2e: module  ## the product, used with the official clients; about 2 min
	t/e2e/run

test-sdk: module  ## the providers' SDKs through nginx: as without, debits exact; about 1 min
	t/sdk/run

test-site: module site  ## the pages: types, units, and every state in a browser; about 6 min
	tools/check-site
	web/e2e/run

screenshots: module site  ## docs/images, taken from a run
	demo/install test
	web/scripts/screenshots

asan: module  ## the suites with the module under ASan and UBSan
	t/engine/run asan
	t/run-nginx --asan
	t/live/run --asan
	t/field/run --asan
	t/sdk/run --asan

fuzz:         ## the parsers of core/ under libFuzzer, SECONDS each
	demo/install test
	$(MAKE) -C t/fuzz run SECONDS=$(or $(SECONDS),60)

chaos: module ## clients, kills, cuts, failover, full disks: SEED=n SEEDS=20 SECONDS_PER_SEED=n
	demo/install test
	t/chaos/run

mutants: module  ## the chaos test, tested: broken copies of the sources must be caught
	demo/install test
	t/chaos/mutants

coverage:     ## what of http, engine and core the tests run, by file; about 15 min
	demo/install coverage
	tools/coverage

architecture: ## docs/architecture.svg, drawn from the sources
	demo/packages architecture
	tools/draw-architecture

bench: module  ## the module beside proxy_pass and beside a Node server
	demo/install bench
	bench/run

bench-scanner: ## instructions of the scanners, by event and by byte
	demo/packages bench
	bench/scanner

clean:        ## what was built; a run's state is in .run
	rm -rf $(BUILD)

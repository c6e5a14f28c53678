# The front door for people and for CI. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
JOBS ?= $(shell nproc)

.PHONY: help run build test test-quick sanitize fuzz bench lint fmt clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: ## build the server (release)
	@scripts/bootstrap
	@scripts/configure release
	@ninja -C build/release -j $(JOBS) tallystick

run: build ## build, then serve on port 8080; the first start brings demonstration data
	@scripts/run

test: ## every test: unit and fuzz under sanitizers, service, end to end, crash
	@scripts/bootstrap test
	@scripts/test all

test-quick: ## unit tests of the debug build only
	@scripts/bootstrap test
	@scripts/test quick

sanitize: ## unit tests under the address, undefined and thread sanitizers
	@scripts/bootstrap test
	@scripts/test sanitize

fuzz: ## every fuzz target for SECONDS seconds each (default 60)
	@scripts/bootstrap test
	@scripts/fuzz $(or $(SECONDS_EACH),60)

bench: ## benchmarks beside their peers; takes minutes, wants a quiet machine
	@scripts/bootstrap bench
	@scripts/bench

lint: ## formatting, clang-tidy, file sizes and layers
	@scripts/bootstrap lint
	@scripts/lint

fmt: ## format every source file
	@scripts/bootstrap lint
	@git ls-files '*.cpp' '*.h' | xargs clang-format -i

clean: ## remove everything built
	@rm -rf build

# All tasks are make targets; .ci/run calls only make.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Prints the progress of a build every ten seconds, and all other output immediately.
PROGRESS := awk '/^\[[0-9]+\/[0-9]+\]/ { if (systime() - last >= 10) { last = systime(); print; fflush() } next } { print; fflush() }'
UNIT := JSONTests|DockerEngineTests|BerthTests|BerthAPITests|BerthBenchTests|BerthServerTests
# Without debug information of C libraries: less to compile.
DEBUG_FLAGS := -Xcc -g0
# Links Swift's libraries into the program, so that it runs on machines without Swift. Symbols would double its size.
RELEASE_FLAGS := -c release --static-swift-stdlib -Xlinker -s -Xlinker --no-export-dynamic
SOURCES := Sources Tests Benchmarks/SimulatedEngine Benchmarks/HelloServer Package.swift
# More concurrent tests would slow each other down beyond their time limits.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 4

.PHONY: help setup build release run demo test test-unit test-integration test-thread soak attack lint format bench lab-up lab-down docs clean

help: ## List all targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install missing Debian packages
	@Lab/setup

build: setup ## Build the debug binary: .build/debug/berth
	swift build $(DEBUG_FLAGS) --product berth | $(PROGRESS)

release: setup ## Build the release binary, .build/release/berth, and check that it starts without Swift
	swift build $(RELEASE_FLAGS) --product berth | $(PROGRESS)
	Tools/check-release .build/release/berth

run: build ## Serve on 127.0.0.1:8080 with the Docker Engine of this machine
	.build/debug/berth serve

demo: build ## Show the main job on a real engine over real SSH
	@Lab/with Lab/demo

test: lint build-tests openapi-tools ## Run all tests, including those that need the lab
	Lab/with swift test --skip-build

test-unit: build-tests ## Run the tests that need no engine
	swift test --skip-build --filter '$(UNIT)'

test-integration: build-tests openapi-tools ## Run only the tests that need the lab
	Lab/with swift test --skip-build --filter IntegrationTests

soak: build-tests ## Kill the server and the database under load a hundred times each, and check all responses; takes hours
	LAB_SOAK=$${LAB_SOAK:-100} Lab/with swift test --skip-build --filter 'LossTests|MySQLFaultTests'

attack: release build-tests ## Attack the release build with 100,000 mutated requests on each database, and check that nothing gives way; takes hours
	LAB_ATTACK=$${LAB_ATTACK:-100000} LAB_BERTH=$(CURDIR)/.build/release/berth \
		Lab/with swift test --skip-build --filter 'Attack'

test-thread: setup ## Run the tests that need no engine under the thread sanitizer
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp \
		swift test $(DEBUG_FLAGS) --sanitize thread --scratch-path .build/thread --filter '$(UNIT)'

.PHONY: build-tests openapi-tools
build-tests: setup
	swift build $(DEBUG_FLAGS) --build-tests | $(PROGRESS)

openapi-tools: setup
	@Tools/python-environment .build/openapi-venv Tests/OpenAPI/requirements.txt

lint: setup ## Check the format, the imports and the files for Elasticsearch
	swift format lint --strict --parallel --recursive $(SOURCES)
	Tools/check-imports
	Tools/check-elk

format: ## Format the sources
	swift format format --in-place --parallel --recursive $(SOURCES)

bench: setup ## Compare Berth with the raw engine and with common scripts; see Benchmarks/README.md
	for product in berth HelloServer SimulatedEngine; do swift build $(RELEASE_FLAGS) --product $$product | $(PROGRESS); done
	Benchmarks/setup
	@Lab/with Benchmarks/bench

lab-up: setup ## Start the lab (engine, sshd, images, registry, MariaDB) and keep it running
	@Lab/up

lab-down: ## Stop the lab and remove everything that it created
	@Lab/down

docs: ## Export the doc comments of this package's targets as symbol graphs
	swift package dump-symbol-graph --minimum-access-level package --skip-synthesized-members

clean: ## Remove build products
	rm -rf .build

# The front door. `make` lists what there is.
SHELL := /bin/bash
PYTHON ?= python3
export COMPOSE_BAKE ?= false
# Without them a rebuild that changes nothing keeps the image's id, and so nothing is restarted.
export BUILDX_NO_DEFAULT_ATTESTATIONS := 1

# From the command line alone: some systems set NAME to the machine's. As it was typed: make would expand a $ in it.
override NAME := $(if $(filter command,$(firstword $(origin NAME))),$(value NAME))
override FILE := $(if $(filter command,$(firstword $(origin FILE))),$(value FILE))
override COUNT := $(if $(filter command,$(firstword $(origin COUNT))),$(value COUNT))
override CONCURRENCY := $(if $(filter command,$(firstword $(origin CONCURRENCY))),$(value CONCURRENCY))
export NAME FILE COUNT CONCURRENCY

venv := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help up down hello load doctor ps logs backup restore demo local test drill bench pictures lint lock clean

##@ With Docker
up: ## Start server and worker, run the starter once, show the result
	@compose/up

down: ## Stop and remove the containers; the history stays
	@compose/ours "make down" && docker compose down --remove-orphans

ps: ## Show the containers and their health
	@docker compose ps

logs: ## Follow the logs of server and worker (Ctrl-C ends it)
	@docker compose logs --follow

clean: ## Delete containers, images and the history; asks first (YES=1: does not)
	@compose/clean

backup: ## Copy the history to a file in backups/ while the server runs, and check the copy
	@compose/backup

restore: ## Put a backup back: make restore FILE=backups/...; asks before it replaces a history (YES=1: does not)
	@compose/restore

##@ Without Docker
demo: .venv/embedded ## Server, worker and starter embedded: one result, nothing left running (NAME=...)
	@$(venv) -m embedded demo $${NAME:+--name="$$NAME"}

local: .venv/embedded ## Server, Web UI and worker in the foreground until Ctrl-C
	@$(venv) -m embedded local

##@ With either
hello: ## One run on the stack that is up: make hello NAME=Ada
	@compose/starter "make hello" $${NAME:+--name="$$NAME"}

load: ## Many runs on the stack that is up, and how long they took: make load COUNT=1000 CONCURRENCY=50
	@compose/starter "make load" --count="$${COUNT:-100}" --concurrency="$${CONCURRENCY:-10}" $${NAME:+--name="$$NAME"}

doctor: ## Say what is set and from where, then try the way to the server step by step
	@compose/doctor

##@ Developing
test: .venv/tests ## All the tests that this machine can run; names what it left out
	@$(venv) -m pytest $(ARGS)

drill: .venv/tests ## 1,000 runs through each of many faults: a table of what was lost, in 7 minutes (ARGS="turn stop": only these)
	@PYTHONPATH=tests $(venv) -m drill $(ARGS)

bench: .venv/tests ## Measure this stack against the tutorial on the stock server, in a quarter of an hour (BENCH=quick: to see that it works)
	@PYTHONPATH=tests:$$PYTHONPATH $(venv) -m bench

pictures: .venv/tests ## Write the README's pictures again, with the browser test
	@PICTURES=1 $(venv) -m pytest tests/browser

lint: .venv/tests ## Formatting, types, shell, Dockerfile, Compose security
	@tests/lint

lock: .venv/tests ## Pin what the requirements.in files ask for (UPGRADE=1: the newest)
	@tests/lock

help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

# The virtual environment's states: what `demo` needs, and what `test` needs on top. Made anew when its Python is gone.
ifeq ($(wildcard $(venv)),)
.PHONY: .venv/embedded
endif
.venv/embedded: services/embedded/requirements.txt
	@[ -x $(venv) ] || services/embedded/setup --create $(PYTHON)
	@services/embedded/setup $(venv) $<
	@touch $@

.venv/tests: tests/requirements.txt .venv/embedded
	@services/embedded/setup $(venv) $<
	@touch $@

# Two commands matter: `make demo` and `make test`. Each does all set-up by itself; nothing is done twice.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test check lock clean

STATE := .perennial
export UV_PROJECT_ENVIRONMENT := .venv
UV := $(shell command -v uv 2>/dev/null || echo $(STATE)/uv/bin/uv)
PY := .venv/bin

help:  ## What there is to do
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STATE)/uv/bin/uv:
	@echo "• uv is missing: bringing it in a small environment of its own"
	@python3 -m venv $(STATE)/uv
	@$(STATE)/uv/bin/pip install --quiet 'uv>=0.8'

# A stamp a lock file: synced again only when the lock changed.
$(STATE)/service.synced: pyproject.toml uv.lock .python-version | $(filter-out /%,$(UV))
	@echo "• the service's environment"
	@$(UV) sync --quiet --frozen
	@touch $@

$(STATE)/bot.synced: bot/pyproject.toml bot/uv.lock bot/.python-version | $(filter-out /%,$(UV))
	@echo "• the bot's environment (Rasa and TensorFlow: about 2.5 GB the first time)"
	@UV_PROJECT_ENVIRONMENT=.venv $(abspath_uv) sync --quiet --frozen --directory bot
	@touch $@

abspath_uv = $(if $(filter /%,$(UV)),$(UV),$(CURDIR)/$(UV))

setup: $(STATE)/service.synced $(STATE)/bot.synced  ## Both environments, and uv where it is missing

demo: setup  ## The whole of it on this machine: phone, web chat, mailbox, coordinators
	@$(PY)/perennial demo

test: setup browser  ## Every test, and the demo's scripted conversation
	@$(PY)/perennial train
	@$(PY)/python -m pytest
	@cd bot && .venv/bin/python -m pytest -q tests
	@$(PY)/perennial demo --script

check: setup  ## Style, types, layers, migrations, study packs, words, the bot's data
	@$(PY)/ruff check .
	@$(PY)/ruff format --check .
	@$(PY)/mypy
	@$(PY)/lint-imports
	@$(PY)/perennial check-migrations
	@$(PY)/perennial study check
	@$(PY)/perennial content check
	@bot/.venv/bin/python bot/validate.py

# Chromium drives the tests of the pages. Debian's package is taken where the machine lets us; else its absence is said.
.PHONY: browser
browser:
	@if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "• chromium"; apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	  else echo "Chromium is missing: install it (Debian: apt-get install chromium) for the tests of the pages"; exit 1; fi; fi

lock:  ## Newest versions within the bounds, into both locks
	@$(UV) lock --upgrade
	@$(abspath_uv) lock --upgrade --directory bot

clean:  ## Stop nothing, remove environments, models and the demo's data
	@rm -rf .venv bot/.venv $(STATE)

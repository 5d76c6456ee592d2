# `make` alone lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# A process of tests for each core, whole files at a time: what a file sets up is set up once. Each takes some 1.5 GB.
WORKERS ?= --numprocesses auto --maxprocesses 4 --dist loadfile
UV = $(or $(shell command -v uv),.cache/uv/bin/uv)

.PHONY: help
help:  ## Toont deze lijst
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: python
python:
	@command -v $(PYTHON) >/dev/null || { \
		echo "Niet gelukt: er is geen $(PYTHON)."; \
		echo "Wat je kan doen: installeer Python 3, of zeg waar het staat: make run PYTHON=/pad/naar/python3"; exit 1; }

.PHONY: env
env: python
	@$(PYTHON) scripts/bootstrap.py

.PHONY: env-dev
env-dev: python
	@$(PYTHON) scripts/bootstrap.py --dev

.PHONY: run
run: env  ## Installeert wat nodig is, traint wat veranderde, en start op http://localhost:8000
	@$(BIN)/leerwijzer run

.PHONY: demo
demo: env  ## Als run, met een verzonnen organisatie en twee begeleiders op http://localhost:8000/desk
	@LEERWIJZER_DEMO=true LEERWIJZER_VAR_DIR=var/demo $(BIN)/leerwijzer run

.PHONY: train
train: env  ## Traint het model als de gegevens veranderden
	@$(BIN)/leerwijzer train

.PHONY: chat
chat: env  ## Praat met de assistent in de terminal
	@$(BIN)/leerwijzer chat

.PHONY: doctor
doctor: env  ## Zegt wat geïnstalleerd, gebouwd, bereikbaar en ingesteld is
	@$(BIN)/leerwijzer doctor

.PHONY: test
test: env-dev  ## Draait alle tests
	@$(BIN)/leerwijzer train
	@$(BIN)/pytest $(WORKERS) $(ARGS)

.PHONY: test-all
test-all:  ## Draait alle tests op Python 3.11, 3.12 en 3.13
	@set -e; for version in 3.11 3.12 3.13; do \
		$(PYTHON) scripts/bootstrap.py --dev --venv .venv-$$version --python $$version; \
		.venv-$$version/bin/leerwijzer train; \
		.venv-$$version/bin/pytest $(WORKERS) $(ARGS); \
	done

.PHONY: lint
lint: env-dev  ## Controleert stijl, types en wie wie invoert
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: bench
bench: env-dev  ## Vergelijkt met Rasa zoals het gepubliceerd is (maakt daarvoor een eigen omgeving)
	@$(BIN)/python -m scripts.bench

.PHONY: bench-desk
bench-desk: env-dev  ## Meet het begeleidersscherm: drie gesprekken in Chromium, tweehonderd op één proces
	@$(BIN)/python -m scripts.bench.desk

.PHONY: lock
lock: env  ## Maakt de lijsten van bibliotheken opnieuw
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		pyproject.toml --group dev --constraints requirements.lock -o requirements-dev.lock

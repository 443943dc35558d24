# Everything that a person or CI does with this repository; `make help` lists it.
# Settings come from the environment: KB_PORT=8080 make serve

PYTHONS = python3.13 python3.12 python3.11 python3
BIN = .venv/bin
INSTALL = $(BIN)/python -m pip --disable-pip-version-check install --quiet
PINS = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links --fork-strategy fewest $(UPGRADE)
BUILD_REQUIRES = import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")
CATALOGUE = kb/translations/nl/LC_MESSAGES/messages
TESTS = $(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
.PHONY: help serve test test-slow test-long test-cluster lint format docs translations fonts vectors relevance plan-check bench bench-quick quality scale pins sbom clean

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s%s\n", $$1, $$2 }' Makefile

serve: .venv/installed  ## Install what is missing, load the seed and serve on KB_HOST:KB_PORT
	@$(BIN)/kb prepare
	@$(BIN)/kb serve

test: .venv/installed-dev  ## Run the tests for every change, in minutes (ARGS="-k words" for some of them)
	$(TESTS) -m "not slow and not long and not cluster"

test-slow: .venv/installed-dev  ## Run the heavier ones too before it goes to others; .ci/run does
	$(TESTS) -m "slow and not long and not cluster"

test-long: .venv/installed-dev  ## Run the tests that take minutes, and all others of Hypothesis with ten times the examples
	$(TESTS) --hypothesis-profile long --timeout 7200 -m "(long or hypothesis) and not cluster"

test-cluster: .venv/installed-dev  ## Let three nodes of OpenSearch fail in every way; takes minutes, Java and Maven
	$(BIN)/python -m pytest -m cluster tests/cluster $(ARGS)

lint: .venv/installed-dev  ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/installed-dev  ## Put the code in its usual form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: .venv/installed-dev  ## Write docs/openapi.json, with answers of the first cases, docs/codebook.md, the list in docs/embedding.md and embed/ anew
	$(BIN)/python -m tools.api_examples
	KB_PUBLIC_URL=http://127.0.0.1:8000 KB_CONTACT_EMAIL=kennisbank@example.org \
		$(BIN)/kb openapi > docs/openapi.json.new
	mv docs/openapi.json.new docs/openapi.json
	$(BIN)/kb import --codebook > docs/codebook.md.new
	mv docs/codebook.md.new docs/codebook.md
	$(BIN)/python -m tools.embed_releases

translations: .venv/installed  ## Collect the marked texts, and compile their Dutch
	@pot="$$(mktemp)"; trap 'rm -f "$$pot"' EXIT; set -e; \
	$(BIN)/pybabel -q extract -F pyproject.toml --no-location --sort-output --omit-header \
		-o "$$pot" kb schemas; \
	$(BIN)/pybabel -q update -l nl -w 100 --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date -i "$$pot" -o $(CATALOGUE).po; \
	$(BIN)/pybabel compile -l nl --statistics -i $(CATALOGUE).po -o $(CATALOGUE).mo

fonts: .venv/installed-fonts  ## Make the font files of the pages anew; then name them in base.html and site.css
	$(BIN)/python -m tools.fonts

vectors: .venv/installed-vectors  ## Make the vectors of words anew, after many new words; takes some minutes
	$(BIN)/python -m tools.vectors

relevance: .venv/installed-dev  ## Score the answers against the judged queries and peers (docs/relevance.md)
	$(BIN)/python -m bench.relevance --ablation --worst 10 --write docs/relevance.md

plan-check: .venv/installed-dev  ## Measure how often remarks on plans are right (docs/plan-check.md)
	$(BIN)/python -m bench.plan_check --write docs/plan-check.md

bench: .venv/installed-bench  ## Measure speed beside peers; takes an hour and 10 GB (docs/performance.md; ARGS="--sizes 1000")
	$(BIN)/python -m bench.speed $(ARGS)

bench-quick: .venv/installed-dev  ## Measure what requests cost, in a minute or two: before and after a change
	$(BIN)/python -m bench.quick

quality: .venv/installed-dev  ## Measure every bar that was set (docs/quality.md); takes an hour, ARGS="--skip tests" minutes
	$(BIN)/python -m bench.quality --write docs/quality.md $(ARGS)

scale: .venv/installed-dev  ## Let nodes meet faults, and foresee how far each design goes (docs/scaling.md); takes twenty minutes
	$(BIN)/python -m bench.scale $(ARGS)

pins:  ## Make the requirements files anew (UPGRADE=--upgrade for newer releases)
	@set -e; \
	new="$$(mktemp -d)"; trap 'rm -rf "$$new"' EXIT; \
	$(FIND_PYTHON); \
	"$$python" -m venv "$$new"; \
	"$$new/bin/python" -m pip --disable-pip-version-check install --quiet uv; \
	PATH="$$new/bin:$$PATH"; \
	python -c '$(BUILD_REQUIRES)' | $(PINS) --output-file requirements-build.txt -; \
	$(PINS) --output-file requirements.txt pyproject.toml; \
	$(PINS) --output-file requirements-dev.txt --group dev --constraint requirements.txt pyproject.toml; \
	$(PINS) --output-file requirements-bench.txt --group bench --constraint requirements.txt \
		--constraint requirements-dev.txt pyproject.toml; \
	$(PINS) --output-file requirements-fonts.txt --constraint requirements.txt --group fonts; \
	$(PINS) --output-file requirements-vectors.txt --constraint requirements.txt --group vectors

sbom: .venv/installed-dev  ## List the packages and data of an installation with their licences (build/sbom.cdx.json, build/licences.txt)
	$(BIN)/python -m tools.sbom

clean:  ## Remove .venv and all that was made; the data in var/ stays
	rm -rf .venv build ./*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
	find kb schemas seed_data tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

# What follows installs, and only when a list of requirements has changed since.

FIND_PYTHON = \
	for python in $(PYTHONS) none; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			2> /dev/null; then break; fi; \
	done; \
	if [ "$$python" = none ]; then \
		echo "This needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv)." >&2; \
		exit 1; \
	fi

$(BIN)/python:
	@$(FIND_PYTHON); \
	echo "Making .venv with $$("$$python" --version)"; \
	"$$python" -m venv --clear .venv

# Nothing of the runtime is built here but the project itself, and that without looking for more.
.venv/installed: requirements.txt requirements-build.txt pyproject.toml | $(BIN)/python
	@echo "Installing what requirements.txt pins; this takes a minute the first time"
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements-build.txt -r requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	@echo "Installing what requirements-dev.txt pins"
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

.venv/installed-bench: .venv/installed-dev requirements-bench.txt
	@echo "Installing what requirements-bench.txt pins"
	@$(INSTALL) --require-hashes -r requirements-bench.txt
	@touch $@

.venv/installed-fonts: .venv/installed-dev requirements-fonts.txt
	@echo "Installing what requirements-fonts.txt pins"
	@$(INSTALL) --require-hashes -r requirements-fonts.txt
	@touch $@

.venv/installed-vectors: .venv/installed-dev requirements-vectors.txt
	@echo "Installing what requirements-vectors.txt pins"
	@$(INSTALL) --require-hashes -r requirements-vectors.txt
	@touch $@

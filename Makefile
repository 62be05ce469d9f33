# make run    set up what is missing and start the dashboard
# make quick  lint, types, and one case of every test that needs no browser: for every save
# make test   set up what is missing, browser included, and run every check, with the coverage of the engine
# make docs   build the documentation into site/
# make audit  look for known vulnerabilities in what is installed
# make bench  measure and print the benchmark table

PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
APT := $(shell [ "$$(id -u)" = 0 ] && echo apt-get || echo sudo -n apt-get)

.PHONY: run quick test lint docs audit bench browser clean

run: .venv/run
	$(BIN)/streamlit run app.py

quick: lint
	$(BIN)/python -m pytest --quick -n 2 --quiet

test: lint audit browser
	$(BIN)/python -m pytest -n 3 --no-loadscope-reorder --cov

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/test
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

audit: .venv/test
	$(BIN)/python -m tests.audit

bench: .venv/test
	$(BIN)/python -m bench.speed

.venv/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv .venv || { $(APT) update && $(APT) install -y python3-venv && $(PYTHON) -m venv .venv; }

.venv/run: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@touch $@

.venv/test: requirements.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch $@ .venv/run

# Debian's chromium, or a Chrome that is there, or playwright's own
browser: .venv/test
	@command -v chromium || command -v google-chrome \
	|| { $(APT) update && $(APT) install -y --no-install-recommends chromium; } \
	|| $(BIN)/playwright install --with-deps chromium

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* site

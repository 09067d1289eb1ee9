# Every target does its own set-up: a fresh clone and a Python 3.10 or later are enough.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo serve test check format bench oracle clean

demo: $(VENV)/ready
	$(BIN)/dynafault demo

serve: $(VENV)/ready
	$(BIN)/dynafault serve $(SCENARIO)

test: $(VENV)/ready
	$(BIN)/python -m pytest

check: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python tools/generate_services.py --check
	for page in tools/generate_*_page.py; do $(BIN)/python $$page --check || exit 1; done
	$(BIN)/dynafault check scenarios

format: $(VENV)/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/ready
	$(BIN)/python -m bench

# Against the emulators whose runtime is there, or an endpoint that its user has the right to use: make oracle REFERENCE=URL
oracle: $(VENV)/ready
	$(BIN)/python -m oracle $(if $(REFERENCE),--reference $(REFERENCE))

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Made again whenever the dependencies may have changed
$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	$(BIN)/python -m compileall -q emulator
	touch $@

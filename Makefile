# Every target does its own set-up: a fresh clone and a Python 3.10 or later are enough.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# How many processes the tests run in
WORKERS ?= auto

.PHONY: demo serve test coverage stress simulate soak crash fuzz schemathesis check docs pages format lock matrix drift dist changelog release-check docker-test bench calibrate oracle in-front recipes explored sdks sdks-quick clean

demo: $(VENV)/ready
	$(BIN)/dynafault demo

serve: $(VENV)/ready
	$(BIN)/dynafault serve $(SCENARIO)

test: $(VENV)/ready
	$(BIN)/python -m pytest --numprocesses $(WORKERS) $(TESTS)

# Lines and branches, in every process; slower than the tests alone
coverage: $(VENV)/ready
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses $(WORKERS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The whole suite ten times, with four busy loops beside it
stress: $(VENV)/ready
	$(BIN)/python tools/stress.py --runs $(or $(RUNS),10) -- --numprocesses $(WORKERS) $(TESTS)

# Ten thousand simulated worlds; one that fails says how it is run again: make simulate SEED=4711
simulate: $(VENV)/ready
	$(BIN)/python -m reliability simulate $(if $(SEED),--seed $(SEED))

# Ten minutes of clients over sockets and every kind of fault: make soak SECONDS=60 SEED=1
soak: $(VENV)/ready
	$(BIN)/python -m reliability soak --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

# Fifty kills of a server that writes a journal
crash: $(VENV)/ready
	$(BIN)/python -m reliability crash --times $(or $(TIMES),50) $(if $(SEED),--seed $(SEED))

# Random bytes, bodies, expressions, statements, scenarios and admin requests; new ones each time, so many for each test
fuzz: $(VENV)/ready schemathesis
	FUZZ_EXAMPLES=$(or $(EXAMPLES),10000) $(BIN)/python -m pytest tests/fuzz --timeout 3600 $(if $(SEED),--hypothesis-seed $(SEED))

# The admin API against its own description, by schemathesis, in an environment of its own
schemathesis: $(VENV)/ready .schemathesis/ready
	$(BIN)/python tools/try_admin_api.py .schemathesis/bin/st $(if $(SEED),--seed $(SEED))

.schemathesis/ready:
	python3 -m venv .schemathesis
	.schemathesis/bin/pip install --quiet schemathesis==4.32.5
	touch $@

check: $(VENV)/ready
	$(BIN)/python tools/check.py

# The pages and what they say, of the checks and the tests
docs: $(VENV)/ready
	$(BIN)/python tools/check.py pages scenarios
	$(BIN)/python -m pytest tests/test_docs.py tests/test_tutorial.py tests/test_stability.py

# What the documentation has of the code's own tables, written anew
pages: $(VENV)/ready
	for page in tools/generate_*_page.py; do $(BIN)/python $$page || exit 1; done

format: $(VENV)/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The versions that stand in requirements/, after a change of pyproject.toml; the newest of all with: make lock UPGRADE=yes
lock: $(VENV)/tools
	$(BIN)/nox --session lock -- $(if $(UPGRADE),--upgrade)

# With the lowest declared, the locked and the newest dependencies, on every declared Python that is there; a part of it with:
#   make matrix PYTHONS="3.10 3.13" VERSIONS=lowest
matrix: $(VENV)/tools
	$(BIN)/nox --session tests $(if $(PYTHONS),--pythons $(PYTHONS)) $(if $(VERSIONS),--keywords "$(VERSIONS)") -- --numprocesses $(WORKERS) $(TESTS)

# What the newest botocore and the other newest dependencies change, and whether the tests pass on them
drift: $(VENV)/tools
	$(BIN)/nox --session drift -- --numprocesses $(WORKERS) $(TESTS)

# The source distribution, and the wheel built from it
dist: $(VENV)/ready
	rm -rf dist
	$(BIN)/python -m build --no-isolation

# What changes/ holds becomes a part of CHANGELOG.md
changelog: $(VENV)/tools
	$(BIN)/towncrier build --yes

# Whether what is checked out is the release that a tag names: make release-check TAG=v0.2.0
release-check: $(VENV)/ready
	$(BIN)/python tools/release_check.py $(TAG)

bench: $(VENV)/ready
	$(BIN)/python -m bench

# How far the verdicts can be trusted: some ten thousand simulated runs. What has been run is kept, so it may be ended and gone on with.
calibrate: $(VENV)/ready
	$(BIN)/python -m calibration $(if $(SEED),--seed $(SEED))
	$(BIN)/python tools/generate_verdicts_page.py

# The image, built and run by a Docker daemon. Where no image registry is reached, debootstrap (as root) makes its base.
docker-test: $(VENV)/ready
	$(BIN)/python -m pytest image

# Against the emulators whose runtime is there, or an endpoint that its user has the right to use: make oracle REFERENCE=URL
oracle: $(VENV)/ready
	$(BIN)/python -m oracle $(if $(REFERENCE),--reference $(REFERENCE))

# The same scenarios and clients, embedded and in front of the emulators whose runtime is there: make in-front PEERS="dynalite ministack"
in-front: $(VENV)/ready
	$(BIN)/python -m oracle.in_front $(PEERS)

# What docs/recipes.md shows in other languages, where their runtimes are there; the packages come from their registries
recipes: $(VENV)/ready
	$(BIN)/python -m pytest recipes/test_recipes.py

# Programs with one flaw each and some without, explored: each flaw is found, and nothing else. Some ten minutes.
explored: $(VENV)/ready
	DYNAFAULT_CORPUS=1 $(BIN)/python -m pytest tests/explore/test_corpus.py

# What the AWS SDKs do when DynamoDB fails: installs those whose runtime is there, and measures what is not measured yet. Hours, if nothing
# is: make sdks ONLY="boto3 js-v3", make sdks LOAD=idle, make sdks NEWEST=yes INTO=FOLDER
sdks: $(VENV)/ready
	$(BIN)/python -m sdks $(ONLY) $(if $(NEWEST),--newest) $(if $(LOAD),--load $(LOAD)) $(if $(INTO),--into $(INTO))

# Less than five minutes of it, once they are installed: whether the newest versions that are kept still do the same
sdks-quick: $(VENV)/ready
	$(BIN)/python -m sdks --quick --seconds 200 $(ONLY)

clean:
	rm -rf $(VENV) .schemathesis .sdks .recipes build dist *.egg-info .nox .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*

# Made again whenever the dependencies may have changed. The lock has the build backend too, so nothing is taken that it does not name.
$(VENV)/ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q dynafault dynafault_dataclass dynafault_time emulator
	touch $@

# What the rarer targets need beside
$(VENV)/tools: $(VENV)/ready requirements/tools.txt
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/tools.txt
	touch $@

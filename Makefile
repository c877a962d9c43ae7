# Everything here starts from Python 3.11 or newer and make, and says what it does.
#
#   make demo           the whole application on http://localhost:8000 (PORT=9000 for another port)
#   make demo-reset     empty the demo's data
#   make test           every test, in three processes (ARGS="tests/setup -k lock" goes to pytest, in one; JOBS=4 for four)
#   make soak           the long tests, of which the others have a short form
#   make lint           style, types, import rules
#   make house          the measurements of our own code
#   make data-map       write docs/data-map.md anew from the models
#   make referral-map   draw the referral's machine anew into docs/referrals.md
#   make bench          measure on this machine (ARGS=vault for one part)
#   make translations   collect the texts to translate, and compile them
#   make lock           renew the locked requirements after a change in pyproject.toml
#
# The project itself is not built: a .pth file puts the checkout on the path of .venv. An editable install would do the
# same, but it fetches build tools that no lock covers, and takes longer than all the rest of a second start.

PORT ?= 8000
ARGS ?=
# Three processes for the whole suite, each with servers of its own: on two cores, one waits while two
# work. What is chosen by ARGS runs in one.
JOBS ?= $(if $(ARGS),0,3)
VENV := .venv/bin
# The tests start hundreds of processes: what was compiled is kept for the next one, out of the tree.
COMPILED := env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/var/compiled
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

.PHONY: demo demo-reset test soak lint house data-map referral-map bench translations lock installed-demo installed-test
.DEFAULT_GOAL := help

.PHONY: help
help:
	@sed -n 's/^#   make/make/p' Makefile

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Casework needs Python 3.11 or newer, and found none on PATH." >&2; exit 1; }

installed-demo: python
	@$(PYTHON) requirements/install.py demo

installed-test: python
	@$(PYTHON) requirements/install.py test

demo: installed-demo
	@exec $(VENV)/casework demo --port $(PORT) --folder var

demo-reset: installed-demo
	@$(VENV)/casework demo --reset --folder var

test: installed-test
	@echo "==> Checking style (ruff)"
	@$(VENV)/ruff check --quiet .
	@echo "==> Checking types (mypy)"
	@$(VENV)/mypy
	@echo "==> Running the tests (pytest $(ARGS))"
	@$(COMPILED) $(VENV)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder $(ARGS)

soak: installed-test
	@echo "==> Running the long tests (pytest -m soak $(ARGS))"
	@$(VENV)/python -m pytest -m soak $(ARGS)

lint: installed-test
	@echo "==> ruff"
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@echo "==> mypy"
	@$(VENV)/mypy

house: installed-test
	@$(VENV)/python -m tests.house.measure $(ARGS)

data-map: installed-test
	@$(VENV)/python -m tests.house.data_map

referral-map: installed-test
	@$(VENV)/python -m tests.referrals.drawing

bench: installed-test
	@$(VENV)/python -m benchmarks $(ARGS)

# The template of all texts is a by-product: the .po files are what translators work on, and with the .mo files they are kept.
CATALOGUES := casework/translations
translations: installed-test
	@mkdir -p var
	@echo "==> Collecting the texts of casework/ and templates/"
	@$(VENV)/pybabel -q extract -F pyproject.toml -k _l -k lazy_gettext -k lazy_ngettext:1,2 -k lazy_pgettext:1c,2 \
		-c NOTE: --no-location --sort-output --project Casework -o var/messages.pot .
	@echo "==> Bringing them into $(CATALOGUES)"
	@$(VENV)/pybabel -q update --ignore-pot-creation-date --no-fuzzy-matching -w 100 -i var/messages.pot -d $(CATALOGUES)
	@$(VENV)/python -m tests.house.made_locales
	@echo "==> Compiling"
	@$(VENV)/pybabel -q compile -d $(CATALOGUES)
	@grep -c '^msgstr ""$$' $(CATALOGUES)/*/LC_MESSAGES/*.po | sed 's/^/    lines still empty (one is the header): /'

# uv, because it writes one lock that is right for every platform and every Python from 3.11 on.
LOCKING := var/locking
COMPILE := env -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_INDEX -u UV_FIND_LINKS $(LOCKING)/bin/uv pip compile --quiet \
	--no-config --native-tls --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links
lock: python
	@echo "==> Fetching the tool that writes locks"
	@test -x $(LOCKING)/bin/uv || { $(PYTHON) -m venv $(LOCKING) && $(LOCKING)/bin/pip install --quiet 'uv>=0.13,<0.14'; }
	@echo "==> Locking (ARGS=--upgrade takes newer versions)"
	@$(COMPILE) $(ARGS) pyproject.toml -o requirements/runtime.lock
	@$(COMPILE) $(ARGS) pyproject.toml --extra dev -c requirements/runtime.lock -o requirements/dev.lock
	@$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["embedded"], sep="\n")' \
		| $(COMPILE) $(ARGS) - -c requirements/dev.lock -o requirements/embedded.lock
	@echo "==> Checking that no address and no path of this machine is in them"
	@! grep -nE '://|^ *--(index|extra-index|find-links|trusted)|$(CURDIR)' requirements/*.lock

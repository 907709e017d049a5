# The commands that matter: demo, test, quick, check, addon.
PYTHON ?= python3.11
PYTHON313 ?= python3.13
VENV := .venv
BLENDER_VENV := .venv-blender
LOWEST_VENV := .venv-lowest
OTHER_BLENDERS := 5.0 5.1 5.2 5.3
BIN := $(VENV)/bin
PHOTO ?= demo/chenonceau_river.jpg
export OMP_WAIT_POLICY := PASSIVE

.PHONY: setup blenders demo test quick lowest check addon repository pictures panels route snapshots matrix gui bench clean

# An environment in folder $(2) of the Python that $(1) names: that Python's own, else one that uv
# brings, else a sentence.
make_venv = $(if $(shell command -v $(1)),$(1) -m venv $(2),$(if $(shell command -v uv),\
	uv venv --quiet --seed --clear --python $(1) $(2),$(error $(1) is not installed, and neither \
	is uv, which would bring it: install one of them, README.md says how)))

setup: $(VENV)/.ready $(BLENDER_VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	$(call make_venv,$(PYTHON),$(VENV))
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[backend,test]'
	touch $@

$(BLENDER_VENV)/.ready: constraints.txt | $(VENV)/.ready
	$(call make_venv,$(PYTHON),$(BLENDER_VENV))
	$(BLENDER_VENV)/bin/python -m pip install --quiet --upgrade pip
	$(BLENDER_VENV)/bin/python -m pip install --quiet --constraint constraints.txt bpy
	$(BIN)/python scripts/check_blender.py $(BLENDER_VENV)/bin/python
	touch $@

# Further Blenders for `make bench NAME=blender` and for tests by LIVESCAPE_BLENDER_PYTHON.
blenders: $(OTHER_BLENDERS:%=$(BLENDER_VENV)-%/.ready)

$(BLENDER_VENV)-5.1/.ready $(BLENDER_VENV)-5.2/.ready $(BLENDER_VENV)-5.3/.ready: BLENDER_PYTHON = $(PYTHON313)
$(BLENDER_VENV)-%/.ready: BLENDER_PYTHON = $(PYTHON)
$(BLENDER_VENV)-%/.ready: | $(VENV)/.ready
	$(call make_venv,$(BLENDER_PYTHON),$(BLENDER_VENV)-$*)
	$(BLENDER_VENV)-$*/bin/python -m pip install --quiet --upgrade pip
	$(BLENDER_VENV)-$*/bin/python -m pip install --quiet 'bpy==$*.*'
	$(BIN)/python scripts/check_blender.py $(BLENDER_VENV)-$*/bin/python
	touch $@

demo: setup
	$(BIN)/python scripts/demo.py --photo "$(PHOTO)" --out out/demo --blender $(BLENDER_VENV)/bin/python

test: setup
	$(BIN)/python -m pytest

# A cross-section without Blender, sockets and whole generations, for while one works.
quick: $(VENV)/.ready
	$(BIN)/python -m pytest --quick -q -n 2 --dist loadfile

# The tests once with the lowest versions that pyproject.toml allows.
lowest: $(BLENDER_VENV)/.ready
	$(call make_venv,$(PYTHON),$(LOWEST_VENV))
	$(LOWEST_VENV)/bin/python -m pip install --quiet uv
	$(LOWEST_VENV)/bin/uv pip install --quiet --python $(LOWEST_VENV)/bin/python \
		--resolution lowest-direct --editable '.[backend,test]'
	$(LOWEST_VENV)/bin/python -m pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache
	$(BIN)/hadolint deploy/Containerfile

addon: setup
	$(BIN)/python build_addon.py

# The zips of all platforms and the index by which Blender installs and updates them.
repository: setup
	$(BIN)/python build_addon.py --repository --out dist/repository \
		--blender-python $(BLENDER_VENV)/bin/python

# The pictures of README.md and docs/blender.md, from the demo.
pictures: setup
	test -f out/demo/scene.blend || $(MAKE) demo
	$(BIN)/python scripts/pictures --blender $(BLENDER_VENV)/bin/python

# The picture of all states of the panels in docs/blender.md, taken in a real window.
panels: setup
	$(BIN)/python scripts/pictures/panels.py --blender $(BLENDER_VENV)/bin/python

# A sheet of the whole route of docs/features.md, walked in a real window; half an hour on two cores.
# PLAYED=1 takes what make gui SCENARIO=whole_route has left.
route: setup
	$(BIN)/python scripts/pictures/route.py --blender $(BLENDER_VENV)/bin/python \
		$(if $(WHEELS),--wheels $(WHEELS)) $(if $(PLAYED),--played)

# What panels and node trees look like, as text in tests/addon/stored: look at the difference.
snapshots: setup
	$(BIN)/python -m tests.addon.snapshots $(BLENDER_VENV)/bin/python \
		$(wildcard $(BLENDER_VENV)-5.2/bin/python)

# What is kept of files in every Blender that is installed, as docs/versions.md.
matrix: setup
	$(BIN)/python -m tests.addon.version_matrix $(BLENDER_VENV)/bin/python \
		$(wildcard $(OTHER_BLENDERS:%=$(BLENDER_VENV)-%/bin/python))

# Real windows on a virtual screen, by scenarios; skipped, and said so, where Xvfb is absent.
gui: setup
	$(BIN)/python scripts/gui/play.py --blender $(BLENDER_VENV)/bin/python \
		$(if $(WHEELS),--wheels $(WHEELS)) $(if $(BEGIN),--begin $(BEGIN)) $(SCENARIO)

bench: setup
	$(BIN)/python -m benchmarks.$(NAME)

clean:
	rm -rf build dist out

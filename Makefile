# The commands that matter: demo, test, check, addon.
PYTHON ?= python3.11
PYTHON313 ?= python3.13
VENV := .venv
BLENDER_VENV := .venv-blender
OTHER_BLENDERS := 5.0 5.1 5.2
BIN := $(VENV)/bin
PHOTO ?= demo/chenonceau_river.jpg
export OMP_WAIT_POLICY := PASSIVE

.PHONY: setup blenders demo test check addon pictures bench clean

setup: $(VENV)/.ready $(BLENDER_VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[backend,test]'
	touch $@

$(BLENDER_VENV)/.ready: constraints.txt
	$(PYTHON) -m venv $(BLENDER_VENV)
	$(BLENDER_VENV)/bin/python -m pip install --quiet --upgrade pip
	$(BLENDER_VENV)/bin/python -m pip install --quiet --constraint constraints.txt bpy
	$(PYTHON) scripts/check_blender.py $(BLENDER_VENV)/bin/python
	touch $@

# Further Blenders for `make bench NAME=blender` and for tests by LIVESCAPE_BLENDER_PYTHON.
blenders: $(OTHER_BLENDERS:%=$(BLENDER_VENV)-%/.ready)

$(BLENDER_VENV)-5.1/.ready $(BLENDER_VENV)-5.2/.ready: BLENDER_PYTHON = $(PYTHON313)
$(BLENDER_VENV)-%/.ready: BLENDER_PYTHON = $(PYTHON)
$(BLENDER_VENV)-%/.ready:
	$(BLENDER_PYTHON) -m venv $(BLENDER_VENV)-$*
	$(BLENDER_VENV)-$*/bin/python -m pip install --quiet --upgrade pip
	$(BLENDER_VENV)-$*/bin/python -m pip install --quiet 'bpy==$*.*'
	$(PYTHON) scripts/check_blender.py $(BLENDER_VENV)-$*/bin/python
	touch $@

demo: setup
	$(BIN)/python scripts/demo.py --photo "$(PHOTO)" --out out/demo --blender $(BLENDER_VENV)/bin/python

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

addon: setup
	$(BIN)/python build_addon.py

# The pictures of docs/blender.md, from the demo's scene.
pictures: setup
	test -f out/demo/scene.blend || $(MAKE) demo
	$(BIN)/python scripts/pictures --blender $(BLENDER_VENV)/bin/python

bench: setup
	$(BIN)/python -m benchmarks.$(NAME)

clean:
	rm -rf build dist out

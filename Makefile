# `make demo`: a first prediction. `make test`: the whole suite. `make lint`: the linters.
PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install --quiet -c constraints.txt --editable
# Extra arguments for pytest, e.g. `make test ARGS="tests/cli -x"`, and processes it runs in (0: none beside itself).
ARGS ?=
WORKERS ?= auto

.PHONY: demo test lint docs clean

demo: $(VENV)/.installed-torch
	@TRANSFORMERS_OFFLINE=1 $(RUN) -m formers pipeline sentiment-analysis --model starter \
		"We are very happy to show you this library." \
		"The plot is thin and the jokes fall flat." \
		"The best evening I have had in years."

test: $(VENV)/.installed-test
	$(RUN) -m pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile $(ARGS)

lint: $(VENV)/.installed-test
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

docs: $(VENV)/.installed-docs
	$(RUN) -m mkdocs build --strict

# One stamp an extra: it is installed anew only when what it asks for has changed.
$(VENV)/.installed-%: pyproject.toml constraints.txt | $(RUN)
	@echo "Installing formers[$*] into $(VENV) ..."
	@$(INSTALL) ".[$*]"
	@touch $@

$(RUN):
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) dist site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

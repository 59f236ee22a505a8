# Everything a checkout needs; Python 3.10 to 3.13 and make are enough; 3.14, too, for `make demo`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
# The versions that CI installs, such as requirements/ci.txt; empty for the newest that fit.
LOCK ?=
# The first one is on macOS, too.
SHA256SUM := $(if $(shell command -v shasum 2> /dev/null),shasum -a 256,sha256sum)
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs
LIGHT_LOCK := $(if $(LOCK),requirements/light.txt)

.DEFAULT_GOAL := help
.PHONY: help install runtime demo test test-all test-lowest lint format bench docs docs-serve hashes build lock audit sbom clean

# What the page of `export --to web` draws with: too large for the repository, and held to its hashes.
ORT_WEB := onnxruntime-web@1.30.0
RUNTIME := src/toonify/exporting/web/runtime
FETCHED := $(RUNTIME)/ort.webgpu.wasm.gz

HASHED := src/toonify/faces/yunet src/toonify/datasets/painting/models $(wildcard src/toonify/styles/bundled/*)

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## Create .venv and install toonify with what its tests need

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; ok = (3, 10) <= sys.version_info < (3, 15); ok or sys.exit(f"toonify needs Python 3.10 to 3.13, this is {sys.version.split()[0]}: try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.created
	@$(BIN)/python -c 'import sys; ok = sys.version_info < (3, 14); ok or sys.exit(f"TensorFlow needs Python 3.10 to 3.13, this is {sys.version.split()[0]}: make clean, then make test PYTHON=python3.12")'
	@if [ -e $(VENV)/.light ]; then $(BIN)/python -m pip uninstall --quiet --yes toonify-gan-light; rm $(VENV)/.light; fi
ifneq ($(LOCK),)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
else
	$(BIN)/python -m pip install --quiet --editable '.[cloud,heif,jax,litert,tensorboard,video]' --group dev
endif
	@touch $@

runtime: $(FETCHED)  ## Fetch ONNX Runtime Web, for the page of `export --to web`; needs npm

$(FETCHED): $(RUNTIME)/SHA256SUMS | $(VENV)/.installed
	@command -v npm > /dev/null || { echo 'npm is missing, which fetches ONNX Runtime Web' >&2; exit 1; }
	@rm -rf build/runtime && mkdir -p build/runtime
	cd build/runtime && npm pack --silent $(ORT_WEB) && tar xzf *.tgz
	@cp build/runtime/package/dist/ort.wasm.bundle.min.mjs $(RUNTIME)/ort.wasm.js
	@cp build/runtime/package/dist/ort.webgpu.bundle.min.mjs $(RUNTIME)/ort.webgpu.js
	@cp build/runtime/package/dist/ort-wasm-simd-threaded.wasm $(RUNTIME)/ort.wasm.wasm
	@cp build/runtime/package/dist/ort-wasm-simd-threaded.asyncify.wasm $(RUNTIME)/ort.webgpu.wasm
	cd $(RUNTIME) && $(SHA256SUM) --check --quiet SHA256SUMS
	@cp "$$($(BIN)/python -c 'import importlib.util as u; print(u.find_spec("onnxruntime").submodule_search_locations[0])')/ThirdPartyNotices.txt" $(RUNTIME)
	@gzip -9nf $(RUNTIME)/ort.wasm.wasm $(RUNTIME)/ort.webgpu.wasm && touch $(FETCHED)
	@rm -rf build/runtime

# Without what only training needs: a tenth of the whole.
$(VENV)/.light: pyproject.toml packaging/pyproject.toml | $(VENV)/.created
ifneq ($(LIGHT_LOCK),)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LIGHT_LOCK)
endif
	$(BIN)/python -m pip install --quiet $(if $(LIGHT_LOCK),--no-deps) --editable packaging
	@touch $@

# Where the whole is installed, it will do.
demo: $(if $(wildcard $(VENV)/.installed),install,$(VENV)/.light)  ## Convert the sample photographs with the bundled style
	$(BIN)/toonify convert samples cartoons --compare --overwrite
	@echo "Look at the pictures in cartoons/: NAME.jpg, and NAME.compare.jpg beside the photograph."
	@echo "Now yours: $(BIN)/toonify convert photo.jpg"

test: install  ## Check the code and run the tests
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory runtime; \
	 else echo 'There is no npm: the tests of the web page are skipped.'; fi
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n $(JOBS)

# Ray and an S3 server: a third of a gigabyte that only the slow tests need. The locked versions hold them.
$(VENV)/.cluster: $(VENV)/.installed
	@$(if $(LOCK),,$(BIN)/python -m pip install --quiet --group cluster)
	@touch $@

test-all: install runtime $(VENV)/.site $(VENV)/.cluster  ## Run all tests, the slow ones too
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n $(JOBS) -m 'slow or not slow'

# In an environment of its own: what stands in pyproject.toml as `>=`, and the newest of the tools around it.
LOWEST := $(VENV)-lowest
test-lowest: $(VENV)/.tools  ## Run the tests with the lowest versions of what toonify asks for
	$(PYTHON) -m venv --clear $(LOWEST)
	$(BIN)/uv pip compile pyproject.toml --quiet --all-extras --resolution lowest-direct \
	  --python $(LOWEST)/bin/python --output-file $(LOWEST)/lowest.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --constraint $(LOWEST)/lowest.txt \
	  --editable '.[cloud,jax,litert,tensorboard,video]' --group dev
	$(LOWEST)/bin/python -m pytest -n $(JOBS)

lint: install  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install  ## Put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## Measure, and print the table
	$(BIN)/python -m benchmarks

# Where ONNX Runtime Web is, visitors of the site can try the styles on it.
docs: $(VENV)/.site  ## Write the generated pages anew, and build the documentation site in build/site
	$(BIN)/python docs/make_reference.py
	$(BIN)/python docs/make_presets.py
	$(BIN)/python docs/make_pages.py
	@if [ -e $(FETCHED) ]; then $(BIN)/toonify export comic drawn lines storybook --to web -o build/try --overwrite; fi
	TRY=$$(test -e $(FETCHED) && echo try/) $(MKDOCS) build --strict --quiet
	@if [ -e $(FETCHED) ]; then mv build/try/comic-web build/site/try; fi
	@echo "The site is in build/site; make docs-serve shows it."

docs-serve: docs  ## Show the site on this machine
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site

$(VENV)/.site: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group docs-site
	@touch $@

hashes:  ## Write the lists of hashes beside models and bundled styles anew
	@for folder in $(HASHED); do (cd $$folder && $(SHA256SUM) $$(ls | grep -E '[.](onnx|npz|json)$$') > SHA256SUMS); done

build: install runtime  ## Build both wheels and the source archive, and check them
	rm -rf dist
	$(BIN)/python -m build $(if $(LOCK),--no-isolation) --outdir dist .
	$(BIN)/python -m build $(if $(LOCK),--no-isolation) --outdir dist --wheel packaging
	$(BIN)/python -m twine check --strict dist/*

$(VENV)/.tools: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group ci
	@touch $@

lock: $(VENV)/.tools  ## Write requirements/ci.txt and light.txt anew: the newest versions that fit, with hashes
	$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.10 --all-extras --group ci \
	  --generate-hashes --no-annotate --custom-compile-command 'make lock' --output-file requirements/ci.txt
	$(BIN)/uv pip compile packaging/pyproject.toml --quiet --universal --python-version 3.10 --constraint requirements/ci.txt \
	  --generate-hashes --no-annotate --custom-compile-command 'make lock' --output-file requirements/light.txt

audit: $(VENV)/.tools  ## Look up known vulnerabilities of what requirements/ci.txt names
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements/ci.txt

sbom: build $(VENV)/.tools  ## List what the built wheel installs, as CycloneDX, in sbom/
	rm -rf sbom && mkdir sbom
	$(PYTHON) -m venv sbom/.venv
	sbom/.venv/bin/python -m pip install --quiet dist/toonify_gan-*.whl
	sbom/.venv/bin/python -m pip uninstall --quiet --yes pip
	$(BIN)/cyclonedx-py environment sbom/.venv --pyproject pyproject.toml --output-reproducible \
	  --output-file sbom/toonify-gan.cdx.json
	rm -rf sbom/.venv

clean:  ## Remove what was built, not what you made
	rm -rf $(VENV) $(LOWEST) dist build sbom .mypy_cache .pytest_cache .ruff_cache

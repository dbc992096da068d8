# `make run` and `make test` do all the set-up that a fresh machine needs, by themselves.

PYTHON = .venv/bin/python
# Touched when the packages that pyproject.toml asks for are in .venv.
READY = .venv/ready

# A shell function, `install PACKAGE..`, where there is apt: what the system must have beside Python.
define INSTALL
install() { \
	command -v apt-get >/dev/null || return; \
	if [ "$$(id -u)" -eq 0 ]; then sudo=; else sudo=sudo; fi; \
	command -v $${sudo:-env} >/dev/null || return; \
	$$sudo apt-get update && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$$@"; \
}
endef

# Whether Qt finds what it needs of the system, where there is X11 also for windows.
LOADS_QT = 'import ctypes, sys, PySide6.QtWidgets as q; sys.platform != "linux" or \
	ctypes.CDLL(q.__file__.rpartition("/")[0] + "/Qt/plugins/platforms/libqxcb.so")'

.PHONY: help setup run test soak bench format clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## install Python packages into .venv

run: $(READY) ## open the studio (where there is no screen: ten seconds of the piano style)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then $(PYTHON) main.py; \
	else $(PYTHON) main.py play piano --seconds 10; fi

test: $(READY) ## check style, types and imports, and run the tests
	@$(INSTALL); \
	command -v pulseaudio >/dev/null && command -v Xvfb >/dev/null || install pulseaudio pulseaudio-utils xvfb || \
		echo 'No PulseAudio or Xvfb: the tests of real sound devices and of the real window will be skipped.'
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/pytest

soak: $(READY) ## play for ten minutes through a sound server while everything else is kept busy
	@$(PYTHON) -m tests.soak hogs
	@$(PYTHON) -m tests.soak latency

bench: $(READY) ## measure how fast it plays and learns
	@$(PYTHON) -m tests.bench

format: $(READY) ## put the sources into the one style
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

clean: ## remove .venv and caches (never runs/, data/ or sound)
	rm -rf .venv .*_cache .hypothesis build *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +

# Debian packs venv apart from Python: where no suitable Python has it, apt brings both. A compiler makes the
# engine several times faster (engine/native.c); without one it plays all the same.
$(READY): pyproject.toml $(wildcard engine/*.c engine/*.h)
	@find_python() { \
		for python in python3 python3.14 python3.13 python3.12 python3.11; do \
			$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
				&& return; \
		done; \
		return 1; \
	}; \
	$(INSTALL); \
	$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
		find_python || { install python3-venv && find_python; } || { \
			echo 'Python 3.11 or newer with its venv module is needed: install it' \
				'(Debian, Ubuntu: apt-get install python3-venv) and try again.' >&2; \
			exit 1; \
		}; \
		$$python -m venv --clear .venv; \
	}; \
	command -v cc >/dev/null || install gcc libc6-dev || \
		echo 'No C compiler: the engine will be slower. Install one (cc), then: touch engine/native.c; make setup'
	$(PYTHON) -m pip install -e '.[dev]'
	@$(INSTALL); \
	$(PYTHON) -c 'import sounddevice' 2>/dev/null || install libportaudio2 || \
		echo 'No PortAudio: it cannot play live. Install it (Debian, Ubuntu: apt-get install libportaudio2).'
	@$(INSTALL); \
	$(PYTHON) -c $(LOADS_QT) 2>/dev/null || install libglib2.0-0 libgl1 libegl1 libxkbcommon0 \
		libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 || \
		echo 'Qt lacks libraries of the system: the studio cannot open its window.'
	@touch $@

"""The engine starts in a moment: torch and Qt are not loaded by anything that plays."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LOADED = """
import sys
print([name for name in ("torch", "PySide6") if name in sys.modules])
"""


def run_python(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True)


def test_no_module_of_the_engine_loads_torch_or_qt():
    code = """
import importlib, pkgutil, engine
names = [module.name for module in pkgutil.iter_modules(engine.__path__)]
assert {"kernel", "library", "noise", "render", "score", "select", "stream"} <= set(names), names
for name in names:
    if not name.startswith("_"):
        importlib.import_module(f"engine.{name}")
"""
    assert run_python(code + LOADED).stdout == "[]\n"


def test_rendering_loads_neither_torch_nor_qt(tiny_style, tmp_path):
    code = """
import runpy, sys
sys.argv[0] = "main.py"
runpy.run_path("main.py", run_name="__main__")
"""
    arguments = "render", tiny_style, "-o", tmp_path / "take.wav", "--seconds", "0.1", "--provider", "cpu"
    assert run_python(code + LOADED, *arguments).stdout.splitlines()[-1] == "[]"


def test_listing_styles_loads_neither_torch_nor_qt_nor_onnx_runtime():
    code = """
import runpy, sys
sys.argv[0] = "main.py"
runpy.run_path("main.py", run_name="__main__")
assert "onnxruntime" not in sys.modules
"""
    *_, styles, loaded = run_python(code + LOADED, "styles", "--json").stdout.splitlines()
    assert loaded == "[]"
    assert "styles" in json.loads(styles)

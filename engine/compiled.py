"""The library of engine/native.c and engine/predict.c, where it was built."""

from __future__ import annotations

import ctypes
import importlib.util
from functools import cache


@cache
def library() -> ctypes.CDLL | None:
    """It, or nothing: there was no compiler when the project was installed."""
    found = importlib.util.find_spec("engine._native")
    if found is None or found.origin is None:
        return None
    library = ctypes.CDLL(found.origin)
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    library.samplernn_run.argtypes = [pointer, ctypes.c_int32, count, count, *[pointer] * 9]
    library.samplernn_noise.argtypes = [*[ctypes.c_uint64] * 2, *[count] * 4, pointer, pointer]
    library.samplernn_fit.argtypes = [pointer, count, *[pointer] * 3]
    for function in (library.samplernn_run, library.samplernn_noise, library.samplernn_fit):
        function.restype = None
    return library

"""ONNX models, each run by the thread that calls it: workers share the machine.

While a model runs, denormal numbers are 0: a processor may need a hundred cycles for each, which was two thirds of a
look for text, and nothing that is found hangs on 1e-38. Before and after they are what they are anywhere else.
"""

import ctypes
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WORDS, _MXCSR = 8, 7  # of 32 bits in fenv_t (fenv.h, x86-64), and which of them is the register for SSE and AVX
_FLUSHED = 0x8040  # its bits for results and for operands (Intel SDM volume 1, 10.2.3)
_C = ctypes.CDLL(None)
_KNOWN = sys.platform == "linux" and platform.machine() == "x86_64" and hasattr(_C, "fesetenv")


class Network:
    """A model that is run on the CPU, on one thread."""

    def __init__(self, model: Traversable, *, keeps_memory: bool = False) -> None:
        """keeps_memory: what a run took stays for the next, for a model whose inputs have a bound.

        Of every size, an arena would grow to the largest and stay.
        """
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.enable_cpu_mem_arena = keeps_memory
        self._session = InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])
        self._inputs = [each.name for each in self._session.get_inputs()]

    def __repr__(self) -> str:
        return "<Network>"

    def __call__(self, *given: NDArray[Any]) -> NDArray[np.float32]:
        """The first output for its inputs, which are given in their order."""
        with _denormals_are_zero():
            found: NDArray[np.float32] = self._session.run(None, dict(zip(self._inputs, given, strict=True)))[0]
        return found

    @property
    def notes(self) -> Mapping[str, str]:
        """What its makers wrote into the file."""
        written: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        return written


@contextmanager
def _denormals_are_zero() -> Iterator[None]:
    """Have this thread take denormal numbers for 0, where we know how (fesetenv(3))."""
    if not _KNOWN:
        yield
        return
    before = (ctypes.c_uint32 * _WORDS)()
    _C.fegetenv(before)
    within = (ctypes.c_uint32 * _WORDS)(*before)
    within[_MXCSR] |= _FLUSHED
    _C.fesetenv(within)
    try:
        yield
    finally:
        _C.fesetenv(before)

"""ONNX models, on one thread each."""

from importlib.resources.abc import Traversable
from typing import Any


def load(model: Traversable, *, keeps_memory: bool = False) -> Any:
    """Load a model to be run on the CPU by the thread that calls it: workers share the machine.

    keeps_memory: what a run took stays for the next, for a model whose inputs have a bound: of every size, an arena
    would grow to the largest and stay. The first model of a process has its threads take denormal numbers for 0: a
    processor needs a hundred cycles for each, and nothing that is found hangs on 1e-38.
    """
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = keeps_memory
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    return InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])

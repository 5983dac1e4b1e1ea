"""Where shards run: processes of this machine, or workers of a Dask cluster at an address."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

from curate.logs import silence_libraries


@contextmanager
def processes(workers: int) -> Iterator[Executor]:
    """Yield processes of this machine; they are started when the first work comes."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=silence_libraries) as pool:
        yield pool


@contextmanager
def runner(workers: int, dask: str | None) -> Iterator[Executor]:
    """Yield what shards are submitted to: Dask workers at an address, else processes of this machine.

    Dask workers must see the workspace and the source under the same paths.
    """
    if dask is None:
        with processes(workers) as pool:
            yield pool
        return
    from distributed import Client

    with Client(dask, set_as_default=False) as client:
        yield client.get_executor()

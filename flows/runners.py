"""Where shards run: processes of this machine, or workers of a Dask cluster at an address.

Either way the loss of a worker costs what it was doing and no more: that is done again elsewhere.
"""

import ctypes
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from threading import BoundedSemaphore, Lock
from typing import Any, Protocol, TypeVar

from curate.errors import PolicyError, Problem, WorkerLost
from curate.logs import silence_libraries
from flows.edition import edition

ATTEMPTS = 3
PATIENCE = "30s"  # for a scheduler to answer, and for its first worker to come

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_LARGEST = 2**25  # bytes that glibc ever keeps in one piece (DEFAULT_MMAP_THRESHOLD_MAX)
_AT_ONCE = 64  # threads that wait: more than the processors of most machines

Item = TypeVar("Item")
Result = TypeVar("Result")


class Run(Protocol):
    """Calls a function with one argument where shards run, and waits for what it returns."""

    def __call__(self, work: Callable[..., Result], argument: Any, /) -> Result: ...  # noqa: D102


@contextmanager
def processes(workers: int) -> Iterator[Executor]:
    """Yield processes of this machine; they are started when the first work comes."""
    with _pool(workers) as pool:
        yield pool


def _pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=silence_libraries)


def persist(step: Callable[[Executor], Result], workers: int) -> Result:
    """Do a step that can be done again in processes of this machine, from the start when one of them is killed.

    Raises WorkerLost when that happens each time.
    """
    for _ in range(ATTEMPTS):
        try:
            with processes(workers) as pool:
                return step(pool)
        except BrokenProcessPool:
            continue
    raise WorkerLost


def spread(run: Run, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """The result of `work` for each item, in their order, where shards run."""
    with ThreadPoolExecutor(_AT_ONCE) as waiting:
        return list(waiting.map(partial(run, work), items))


class Processes:
    """Processes of this machine that outlive the death of one of them.

    A pool breaks as a whole when a process is killed. So no more work is in it than it has processes, a new one takes
    its place, and what was lost is done again one by one in a process of its own: a shard that kills its process each
    time fails alone, and memory stays below that of one process more.
    """

    def __init__(self, workers: int) -> None:
        """Start nothing yet."""
        self._workers, self._pool = workers, _pool(workers)
        self._room, self._renewal, self._alone = BoundedSemaphore(workers), Lock(), Lock()

    def __call__(self, work: Callable[..., Result], argument: Any, /) -> Result:
        """Call `work` in a process; raises what it raises, and WorkerLost when its process dies each time."""
        with self._room:
            pool = self._pool
            try:
                return pool.submit(work, argument).result()
            except BrokenProcessPool:
                self._renew(pool)
        with self._alone:
            return persist(lambda own: own.submit(work, argument).result(), 1)

    def _renew(self, broken: ProcessPoolExecutor) -> None:
        with self._renewal:
            if self._pool is broken:
                broken.shutdown(wait=False)
                self._pool = _pool(self._workers)

    def close(self) -> None:
        """Wait for the processes to end."""
        self._pool.shutdown(cancel_futures=True)


@contextmanager
def runner(workers: int, dask: str | None) -> Iterator[Run]:
    """Yield what runs shards: Dask workers at an address, else processes of this machine.

    Dask workers must see the workspace and the source under the same paths, and hold the same edition of this code.
    Raises PolicyError.
    """
    if dask is not None:
        with _cluster(dask) as run:
            yield run
        return
    local = Processes(workers)
    try:
        yield local
    finally:
        local.close()


@contextmanager
def _cluster(address: str) -> Iterator[Run]:
    """Yield what runs on the workers at an address; tls:// takes its certificates from Dask's configuration."""
    from distributed import Client

    try:
        client = Client(address, set_as_default=False, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError):
        raise PolicyError(Problem.CLUSTER_UNREACHABLE, "dask") from None
    with client:
        _hold_to_edition(client)
        client.register_plugin(_settled(), name="radcurate")
        executor = client.get_executor(pure=False, retries=ATTEMPTS - 1)
        yield lambda work, argument: _waited(executor, work, argument)


def _settled() -> Any:
    """A plugin that keeps library warnings of a worker quiet and its memory at hand, also of one that comes later."""
    from distributed import WorkerPlugin

    class Settled(WorkerPlugin):  # type: ignore[misc]  # distributed has no types
        def setup(self, worker: Any) -> None:  # noqa: ARG002  the signature is that of a plugin
            silence_libraries()
            keep_freed_memory()

    return Settled()


def keep_freed_memory() -> None:
    """Let glibc keep what is freed, up to a limit, as it does by itself (mallopt(3)).

    Dask's nanny takes that away from a worker (MALLOC_TRIM_THRESHOLD_): each array of an image would be asked of the
    system anew, page by page, which doubles the cost of an image.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_MMAP_THRESHOLD, _LARGEST)
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGEST)


def _hold_to_edition(client: Any) -> None:
    """Refuse a cluster without workers, and one where a worker holds other code: its shards would have other bytes."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise PolicyError(Problem.CLUSTER_EMPTY, "dask") from None
    answers = client.run(edition, on_error="return")
    if any(answer != edition() for answer in answers.values()):
        raise PolicyError(Problem.CLUSTER_DIFFERS, "dask")


def _waited(executor: Executor, work: Callable[..., Any], argument: Any) -> Any:
    """The result of work on the cluster. Dask gives the work of a dead worker to another by itself."""
    from distributed import KilledWorker

    try:
        return executor.submit(work, argument).result()
    except KilledWorker:
        raise WorkerLost from None
    except CancelledError:
        raise PolicyError(Problem.CLUSTER_LOST, "dask") from None

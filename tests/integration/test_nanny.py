"""A Dask worker behind a nanny, which is how `dask worker` starts one: it works as fast as a process of our own."""

import resource
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from flows.runners import runner

PAGE = 4096  # bytes


def faults(bytes_each: int) -> int:
    """How many pages the system had to hand out while arrays of a size came and went, after a first one."""
    np.ones(bytes_each, np.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        np.ones(bytes_each, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.slow
def test_memory_that_is_freed_is_used_again(tmp_path: Path) -> None:
    """The nanny sets glibc so that an image's memory goes back each time, which doubles the cost of an image."""
    size = 4 * 2**20
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path), host="127.0.0.1"
        ) as cluster,
        runner(1, cluster.scheduler_address) as run,
    ):
        assert run(faults, size) < 2 * size // PAGE

"""Fixtures and settings that every test shares."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from curate.privacy.workspace import open_workspace

ROOT = Path(__file__).parents[1]

# No test may call home, and none needs to.
os.environ.update(
    HF_HUB_OFFLINE="1", DO_NOT_TRACK="1", GX_ANALYTICS_ENABLED="false", PREFECT_SERVER_ANALYTICS_ENABLED="false"
)

# The same examples in every run, however slow the machine: a gate that sometimes fails is no gate.
settings.register_profile(
    "gate", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gate")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real open data beside the checkout; tests that need it skip where it is absent."""
    place = ROOT.parent / "shared"
    if not place.is_dir():
        pytest.skip("the folder of shared test data is not beside this checkout")
    return place


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """Return an empty workspace; the umask that it sets is put back."""
    before = os.umask(0o022)
    yield open_workspace(tmp_path / "workspace")
    os.umask(before)

"""Check a release: hold an existing release to its manifest, contracts, evidence and residue again."""

from pathlib import Path

from prefect import flow

from curate.check import Finding, check_release
from curate.policy import Policy
from flows.alarm import alarm


@flow(name="check-release", log_prints=False, persist_result=False, on_failure=[alarm], on_crashed=[alarm])
def check(
    release: Path, source: str | None = None, workspace: Path | None = None, policy_file: Path | None = None
) -> list[Finding]:
    """Verify a release independently of the run that made it; raises what is broken.

    Args:
        release: Directory of the release.
        source: Address of the raw input, to search for its identifiers too.
        workspace: Directory with the key; needed with source.
        policy_file: The policy that the release was made with; without it, the default policy.

    """
    return check_release(release, source, workspace, Policy.load(policy_file))

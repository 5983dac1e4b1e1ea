"""OpenLineage's events of a run: counts, digests, names of checks and opaque ids; never a path or a value."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openlineage.client import event_v2 as events
from openlineage.client import facet_v2 as facets
from openlineage.client.generated.base import RunFacet, set_producer
from openlineage.client.transport import Transport
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport

from curate import __version__, manifest
from curate.errors import CurationError

NAMESPACE = "radcurate"
_JOB = events.Job(NAMESPACE, "curate-dataset")
set_producer(f"urn:radcurate:{__version__}")


def transport_to(address: str) -> Transport:
    """The way to a file, to which lines are appended, or to a service that takes OpenLineage over HTTP."""
    if address.startswith(("http://", "https://")):
        return HttpTransport(HttpConfig(url=address))
    return FileTransport(FileConfig(log_file_path=address, append=True))


def started(run: str, archive: str, policy_digest: str) -> events.RunEvent:
    """A run began: of what, and under which policy."""
    return _event(events.RunState.START, run, archive, {"radcurate": _facet(policy_digest=policy_digest)})


def failed(run: str, archive: str, error: BaseException) -> events.RunEvent:
    """A run ended without a release. The text of an error that nobody foresaw may hold a value: its type is told."""
    message = str(error) if isinstance(error, CurationError) else type(error).__name__
    told = facets.error_message_run.ErrorMessageRunFacet(message=message, programmingLanguage="Python")
    return _event(events.RunState.FAIL, run, archive, {"errorMessage": told})


def completed(run: str, archive: str, facts: Mapping[str, Any], release: Path) -> events.RunEvent:
    """A run made a release, or found it standing: its counts, its checks, and the digest of its manifest."""
    told = _facet(policy_digest=facts["run"]["policy_digest"], counts=facts["counts"], splits=facts["splits"])
    event = _event(events.RunState.COMPLETE, run, archive, {"radcurate": told})
    event.outputs = [_dataset(facts, release)]
    return event


def _event(state: events.RunState, run: str, archive: str, told: dict[str, RunFacet]) -> events.RunEvent:
    return events.RunEvent(
        eventType=state,
        eventTime=datetime.now(UTC).isoformat(),
        run=events.Run(run, facets=told),
        job=_JOB,
        inputs=[events.InputDataset(NAMESPACE, archive)],
        outputs=[],
    )


def _facet(**told: Any) -> RunFacet:
    facet: RunFacet = RunFacet().with_additional_properties(**told)  # type: ignore[assignment]
    return facet


def _dataset(facts: Mapping[str, Any], release: Path) -> events.OutputDataset:
    """The release, named by its manifest, with its size and what came of each expectation."""
    files = manifest.read(release)["files"]
    size = facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=facts["counts"]["published"]["studies"],
        size=sum(each["bytes"] for each in files),
        fileCount=len(files),
    )
    checks: dict[str, Any] = {"dataQualityAssertions": _assertions(facts)}
    name = f"release-{manifest.digest_of(release / manifest.NAME)}"
    return events.OutputDataset(NAMESPACE, name, facets=checks, outputFacets={"outputStatistics": size})


def _assertions(facts: Mapping[str, Any]) -> facets.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet:
    module = facets.data_quality_assertions_dataset
    found = [
        module.Assertion(
            assertion=check["id"],
            success=check["outcome"] == "passed",
            column=check["column"] or None,
            severity="error" if check["severity"] == "critical" else "warn",
        )
        for verdict in facts["verdicts"]
        for check in verdict["checks"]
    ]
    return module.DataQualityAssertionsDatasetFacet(assertions=found)

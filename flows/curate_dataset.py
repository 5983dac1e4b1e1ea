"""Curate a dataset: index, plan, curate each shard, hold the whole to its expectations, publish."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.tasks import exponential_backoff

from curate.catalog import Catalog, plan
from curate.errors import ShardFailed
from curate.intake import index
from curate.policy import Policy
from curate.privacy.domains import enter_domain
from curate.privacy.workspace import load_key, lock, open_workspace, recall_source, remember_source, underway
from curate.records import Shard, ShardSummary
from curate.release import Staging, hold_catalog, hold_to_expectations, publish
from curate.separation import derive, separate
from curate.shard import circumstances, curate_shard, sweep
from curate.sources.address import join
from curate.sources.server import Series, fetch
from curate.sources.source import open_source
from flows.alarm import alarm
from flows.lineage import lineage
from flows.progress import Steps
from flows.runners import persist, runner, spread

_UNDER_WAY = 256  # tasks at once: more than the workers of a cluster


def may_pass(_task: object, _run: object, state: State[Any]) -> bool:
    """Whether a failure may not come again: an unforeseen one may; a refusal and a worker killed each time do not."""
    return isinstance(state.result(raise_on_failure=False), ShardFailed)


# Prefect stores parameters, results and logs, so tasks take references and return counts.
@task(
    task_run_name="{shard.name}",
    retries=2,
    retry_delay_seconds=exponential_backoff(2),
    retry_condition_fn=may_pass,
    persist_result=False,
    cache_policy=NO_CACHE,
)
def curate_one(shard: Shard, run: Callable[[Shard], ShardSummary]) -> ShardSummary:
    """Curate one shard where shards run; only counts come back."""
    return run(shard)


@flow(name="curate-dataset", log_prints=False, persist_result=False, on_failure=[alarm], on_crashed=[alarm])
def curate_dataset(  # noqa: PLR0913, PLR0917  each parameter is a field of the form that an operator fills
    workspace: Path,
    release: Path,
    source: str | None = None,
    policy_file: Path | None = None,
    workers: int = 2,
    dask: str | None = None,
    dicom_out: Path | None = None,
    reports: str | None = None,
    *,
    quiet: bool = False,
) -> Mapping[str, Any]:
    """Turn the studies and reports of a source into one validated release.

    A refused study costs only itself; a broken contract costs the whole run.

    Args:
        workspace: Directory of mode 0700 with the key; the only place that may know an identifier.
        release: Directory that appears when everything held.
        source: Address of raw DICOM and reports; without it, the one that the workspace remembers.
        policy_file: TOML file; without it, the default policy.
        workers: Processes of this machine.
        dask: Address of a Dask scheduler, to run shards there.
        dicom_out: Directory for the de-identified DICOM instances, if they are wanted.
        reports: Address of the reports where they lie elsewhere; only together with `source`.
        quiet: Show no progress on stderr; artifacts are made all the same.

    """
    policy = Policy.load(policy_file)
    place = enter_domain(open_workspace(workspace), policy.domain)
    with (
        lock(workspace),
        lineage(workspace, policy.digest) as outcome,
        underway(place, policy.digest),
        Steps(quiet=quiet) as steps,
    ):
        if source is not None:
            remember_source(workspace, join(source, reports))
        fetch(recall_source(workspace), workspace, partial(tracked, steps))
        steps.start("index")
        origin, key = open_source(recall_source(workspace), workspace), load_key(place)
        persist(partial(index, origin, place, policy, key), workers)
        shards = plan(Catalog(place / "catalog"), policy.output.shard_bytes, circumstances(policy, dicom_out))

        sweep(place)
        with ThreadPoolExecutor(1) as beside, runner(workers, dask) as run:
            of_source = beside.submit(hold_catalog, Catalog(place / "catalog"))  # while shards are waited for
            work = partial(curate_shard, policy=policy, workspace=place, dicom_out=dicom_out)
            follow(shards, partial(run, work), steps)
            steps.start("separation")
            staging = separate(Staging(shards, place, policy), partial(spread, run))
            derive(staging, partial(spread, run))
            steps.start("expectations")
            verdicts = [*of_source.result(), *hold_to_expectations(staging.folders, partial(spread, run))]

        steps.start("publish")
        facts = publish(staging, verdicts, release)
        tell(facts, release)
        outcome(facts, release)
        return facts


def tell(facts: Mapping[str, Any], release: Path) -> None:
    """Put the outcome where operators look: counts, refusals by reason, verdicts, the way to the report; no value."""
    counts = facts["counts"]
    went = ", ".join(f"{count:,} {unit}" for unit, count in counts["published"].items())
    failed = [
        check["id"] for verdict in facts["verdicts"] for check in verdict["checks"] if check["outcome"] != "passed"
    ]
    held = f"Expectations that do not hold: {', '.join(failed)}" if failed else "Every expectation holds."
    create_markdown_artifact(f"Published: {went}.\n\n{held}", key="outcome", description="What was published")
    refused = [
        {"reason": reason, "by": by.replace("_", " "), "count": count}
        for by in ("quarantined", "refused_by_policy")
        for reason, count in counts[by].items()
    ]
    create_table_artifact(refused, key="refused", description="Instances and reports that were not published")
    report = (release / "compliance" / "report.html").resolve().as_uri()
    create_link_artifact(report, "Report of the release", key="report", description="On the machine that ran this")


def tracked(steps: Steps, listed: Sequence[Series]) -> Iterator[Series]:
    """Show how many series are fetched."""
    steps.start("fetch", len(listed))
    for series in listed:
        yield series
        steps.advance("fetch")


def follow(shards: Sequence[Shard], run: Callable[[Shard], ShardSummary], steps: Steps) -> None:
    """Show shards as they are done, on the terminal and as a Prefect artifact; raise what a shard raised."""
    steps.start("shards", len(shards))
    artifact = create_progress_artifact(0.0, key="shards", description="Shards that are curated")
    for done, future in enumerate(as_done(shards, run), start=1):
        future.result()
        steps.advance("shards")
        update_progress_artifact(
            artifact if isinstance(artifact, UUID) else UUID(str(artifact)), 100 * done / len(shards)
        )


def as_done(shards: Sequence[Shard], run: Callable[[Shard], ShardSummary]) -> Iterator[PrefectFuture[ShardSummary]]:
    """Start a task for each shard, the largest first, and yield them as they end.

    A task that waits is a thread, so only some wait; and the end does not wait for one that is large.
    """
    waiting = iter(sorted(shards, key=attrgetter("bytes"), reverse=True))
    ended = SimpleQueue[PrefectFuture[ShardSummary]]()

    def start(most: int) -> None:
        for shard in islice(waiting, most):
            curate_one.submit(shard, run).add_done_callback(ended.put)

    start(_UNDER_WAY)
    for _ in shards:
        yield ended.get()
        start(1)

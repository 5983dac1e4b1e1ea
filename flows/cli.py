"""The command line: parses, calls a flow or the library, prints where to look, maps our errors to exit codes."""

import json
import os
import signal
import sys
from functools import partial
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from curate import __version__
from curate.errors import CurationError, PolicyError, Problem
from curate.logs import configure
from flows import upkeep
from flows.arguments import CORES, PolicyFile, ReleaseArgument, Reports, Source, Workers, Workspace

app = typer.Typer(
    name="curate",
    help="Raw DICOM and radiology reports in; de-identified, validated Parquet image-text shards out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for command in (
    upkeep.status,
    upkeep.serve,
    upkeep.erase,
    upkeep.locate,
    upkeep.review,
    upkeep.retention,
    upkeep.export,
):
    app.command()(command)


@app.command()
def run(  # noqa: PLR0913, PLR0917  the signature is a contract
    source: Source,
    release: Annotated[Path, typer.Option(help="Directory that appears when everything held.")],
    workspace: Workspace = None,
    policy: PolicyFile = None,
    workers: Workers = CORES,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786.")] = None,
    dicom_out: Annotated[Path | None, typer.Option(help="Also write the de-identified DICOM instances here.")] = None,
    reports: Reports = None,
    *,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Show no progress; refusals and the outcome are told.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as one JSON object; implies --quiet.")
    ] = False,
) -> None:
    """Turn raw DICOM and reports into one de-identified, validated release."""
    from curate.sources.address import join

    options = {"workers": workers, "dask": dask, "dicom_out": dicom_out, "quiet": quiet or as_json}
    facts = _curate(join(source, reports), release, workspace, policy, options)
    if as_json:
        typer.echo(json.dumps({"release": str(release), "counts": facts["counts"], "splits": facts["splits"]}))
    else:
        _tell_release(release, workspace or beside(release), facts)


def _curate(
    source: str, release: Path, workspace: Path | None, policy: Path | None, options: dict[str, Any]
) -> dict[str, Any]:
    """Run the flow; parameters that Prefect stores are references, the source stays in the workspace."""
    from curate.policy import Policy
    from curate.privacy.workspace import load_key, open_workspace, remember_source
    from curate.sources.source import expect_source
    from flows.environment import connected, orchestrator

    Policy.load(policy)
    expect_source(source, release)
    place = open_workspace(workspace or beside(release))
    load_key(place)
    remember_source(place, source)
    if not options.get("quiet"):
        sys.stderr.write("starting Prefect; without a server of its own, this takes some seconds\n")
    with orchestrator(place) as ready, connected():
        from flows.curate_dataset import curate_dataset

        ready()
        return dict(curate_dataset(place.resolve(), release.resolve(), None, policy, **options))


def beside(output: Path) -> Path:
    """The workspace of an output when none is named: a sibling that says what it belongs to."""
    return output.with_name(f"{output.name}.workspace")


@app.command()
def demo(out: Annotated[Path, typer.Option(help="Directory to work in.")] = Path("demo")) -> None:
    """Run the main job on bundled real DICOM with fictional identities and reports, and say where to look."""
    from curate.demo import build_source

    source, release = out / "source", out / "release"
    if not source.exists():
        made = build_source(source)
        typer.echo(
            f"Raw archive: {source}  ({made.instances} instances, {made.reports} reports, {made.patients} patients)"
        )
    facts = _curate(str(source), release, None, None, {"workers": os.cpu_count() or 1})
    _tell_release(release, beside(release), facts)


def _tell_release(release: Path, workspace: Path, facts: dict[str, Any]) -> None:
    """Say what was published, what was not and why, and where to look."""
    from curate.privacy.domains import place_of

    counts = facts["counts"]
    published, refused = counts["published"], {**counts["quarantined"], **counts["refused_by_policy"]}
    studies = counts["studies_in"] - published["studies"]
    place = place_of(workspace, facts["run"])
    lines = [
        "",
        f"Published    {published['studies']} studies of {published['patients']} patients: "
        f"{published['images']} images from {published['instances']} instances, {published['reports']} reports",
        f"Quarantined  {studies} studies, {sum(counts['quarantined'].values())} instances and reports; "
        f"{sum(counts['refused_by_policy'].values())} refused by policy",
        *(f"             {count:>5}  {reason}" for reason, count in sorted(refused.items())),
        "",
        f"Release      {release}",
        f"Report       {release / 'compliance' / 'report.html'}",
        f"Data Docs    {release / 'data_docs' / 'index.html'}",
        f"Reasons      {place / 'quarantine.csv'}",
        "",
        "Load it:",
        "    from datasets import load_dataset",
        f'    dataset = load_dataset("parquet", data_dir="{release / "data"}")',
        '    sample = dataset["train"][0]',
        '    print(sample["images"][0].size)',
        '    print(sample["messages_flat"][1]["content"])',
    ]
    typer.echo("\n".join(lines))


@app.command()
def receive(  # noqa: PLR0913, PLR0917  each is a setting of the listener
    workspace: Annotated[Path, typer.Option(help="Directory of mode 0700; what comes is encrypted in it.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 11112,
    host: Annotated[
        str, typer.Option(help="Address of this machine to listen at; 0.0.0.0 is every one.")
    ] = "127.0.0.1",
    title: Annotated[str, typer.Option("--ae-title", help="Our AE title: what senders must call.")] = "CURATE",
    accept: Annotated[
        list[str] | None, typer.Option(help="AE title of a sender that is let in; may be repeated. Default: every one.")
    ] = None,
    policy: PolicyFile = None,
) -> None:
    """Listen for DICOM instances (C-STORE) and keep them, encrypted, until `curate run spool:` curates them.

    In the PACS, add this machine as a destination with the AE title, host and port given here, and send studies to it;
    C-ECHO is answered. Each instance is stored before its sender is told so: what is acknowledged survives a crash,
    what is not is sent again. Sent twice, it is stored once.

    Stop it with Ctrl-C or SIGTERM: senders that are under way have 30 seconds to finish. Then:

        curate run spool: --reports DIR --workspace WORKSPACE --release DIR
    """
    from curate.policy import Policy
    from curate.privacy.workspace import open_workspace

    try:
        from curate.sources import reception
    except ImportError:
        raise PolicyError(Problem.PACKAGE_MISSING, "network") from None
    limits, place, stop = Policy.load(policy).limits, open_workspace(workspace), Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    listener = reception.Listener(title, host, port, tuple(accept or ()))
    ready = partial(typer.echo, f"listening as {title} on {host} port {port}; Ctrl-C ends it", err=True)
    done = reception.receive(place, listener, limits, stop, ready)
    typer.echo(f"{done.taken} instances received, {done.refused} refused; kept in {place / 'spool'}")


@app.command()
def deidentify(
    source: Source,
    out: Annotated[Path, typer.Option(help="Directory for the de-identified instances, under opaque names.")],
    workspace: Workspace = None,
    policy: PolicyFile = None,
    workers: Workers = CORES,
) -> None:
    """De-identify DICOM only: instances in, instances out; uid_map.csv and patient_map.csv go to the workspace."""
    from curate.instances import deidentify_source
    from curate.policy import Policy
    from curate.privacy.domains import enter_domain
    from curate.privacy.workspace import lock, open_workspace
    from curate.sources.source import expect_source
    from flows.runners import processes

    rules = Policy.load(policy)
    expect_source(source, out)
    place = open_workspace(workspace or beside(out))
    with lock(place), processes(workers) as pool:
        counts = deidentify_source(source, out, place, rules, pool)
    typer.echo(
        f"{counts['written']} of {counts['instances']} instances written to {out}; {counts['quarantined']} refused"
    )
    domain = enter_domain(place, rules.domain)
    typer.echo(f"Reasons: {domain / 'catalog' / 'quarantine.parquet'}")


@app.command()
def scrub(
    file: Annotated[
        str, typer.Argument(help="JSON Lines with id and text, optionally known: a list; - is stdin.")
    ] = "-",
    policy: PolicyFile = None,
    workspace: Annotated[
        Path | None, typer.Option(help="Use this workspace's key for surrogates; without it, placeholders.")
    ] = None,
) -> None:
    """Scrub texts: JSON Lines in, JSON Lines out with spans (offsets in the input), labels and rules; no value."""
    from curate.lines import scrub_lines
    from curate.policy import Policy
    from curate.privacy.domains import enter_domain
    from curate.privacy.workspace import load_key, open_workspace

    rules = Policy.load(policy)
    key = load_key(enter_domain(open_workspace(workspace), rules.domain)) if workspace else None
    for line in scrub_lines(file, rules, key):
        sys.stdout.write(line + "\n")


@app.command()
def check(  # noqa: PLR0913, PLR0917  each is an option of the command
    release: ReleaseArgument,
    source: Annotated[str | None, typer.Option(help="The raw input, to search for its identifiers too.")] = None,
    workspace: Workspace = None,
    policy: PolicyFile = None,
    reports: Reports = None,
    signed_by: Annotated[str, typer.Option(help="Public key of who made it; with --workspace, it is that one's.")] = "",
    head: Annotated[str, typer.Option(help="Head of the history, SIZE@ROOT, that an earlier check told.")] = "",
) -> None:
    """Verify a release independently: signature, hashes, contracts, expectations, accounting; with --source, residue.

    Without --workspace or --signed-by a signature only says that the release is as somebody signed it. With --workspace
    the history of the workspace is told in one line; who notes it down can hold a later check to it by --head.
    """
    from curate.check import check_release
    from curate.manifest import signer_of
    from curate.policy import Policy
    from curate.sources.address import join

    address = join(source, reports) if source else None
    for finding in check_release(release, address, workspace, Policy.load(policy), signed_by):
        typer.echo(f"ok  {finding.check} ({finding.covered})")
    typer.echo(f"signed by {signer_of(release)}")
    if workspace:
        _tell_history(workspace, head)


def _tell_history(workspace: Path, earlier: str) -> None:
    """Hold the history of a workspace to an earlier head, if one is given, and tell its present one."""
    from curate.privacy import history

    if earlier:
        history.hold_head(workspace, earlier)
        typer.echo("ok  the history begins as the earlier head says (1)")
    typer.echo(f"history {history.head_of(workspace)}")


@app.command()
def report(release: ReleaseArgument) -> None:
    """Build the compliance pack of a release again from its evidence, and say whether it is unchanged."""
    from curate.release import rebuild_report

    typer.echo(f"{rebuild_report(release)}: {release / 'compliance' / 'report.html'}")


@app.command()
def explain(
    policy: PolicyFile = None,
    attributes: Annotated[bool, typer.Option("--attributes/--no-attributes", help="List every attribute.")] = True,  # noqa: FBT002
) -> None:
    """Print the table of promises, the effective policy, and what happens to each DICOM attribute by which rule."""
    from curate.explain import explanation
    from curate.policy import Policy

    typer.echo(explanation(Policy.load(policy), attributes=attributes))


def version(show: bool) -> None:  # noqa: FBT001  a callback of typer
    """Print the version and leave."""
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Raw DICOM and radiology reports in; de-identified, validated Parquet image-text shards out."""
    configure()


def main() -> None:
    """Run the command line; every refusal is one clear line on stderr and the exit code of its error."""
    os.umask(0o077)
    try:
        app()
    except CurationError as error:
        sys.stderr.write(f"curate: {error}\n")
        sys.exit(error.exit_code)

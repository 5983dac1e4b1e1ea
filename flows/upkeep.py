"""Commands for what exists already: a release, or a workspace between runs."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from flows.arguments import CORES, PolicyFile, ReleaseArgument, Source, Workers


def status(
    workspace: Annotated[Path, typer.Option(help="The workspace of a run.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how far a workspace is: whether a run is under way, what is indexed, committed, and refused why."""
    from curate.standing import standing

    found = standing(workspace)
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo("A run is under way." if found["running"] else "No run is under way.")
    for name in ("instances", "reports", "patients", "studies"):
        typer.echo(f"{name:<12} {found['indexed'][name]:>9,}")
    typer.echo(
        f"{'shards':<12} {found['shards']['committed']:>9,} committed, {found['shards']['unfinished']} unfinished"
    )
    for reason, count in found["refused"].items():
        typer.echo(f"{'refused':<12} {count:>9,} {reason}")
    if found["erased"]:
        typer.echo(f"{'erased':<12} {found['erased']:>9,}")


def serve(  # noqa: PLR0913, PLR0917  each is an option of the command
    source: Source,
    release: Annotated[Path, typer.Option(help="Directory of the release; a scheduled run names its own.")],
    workspace: Annotated[Path, typer.Option(help="Directory of mode 0700; it remembers the source.")],
    policy: PolicyFile = None,
    workers: Workers = CORES,
    cron: Annotated[str | None, typer.Option(help='When to curate, such as "0 2 * * 0"; default: on demand.')] = None,
    timezone: Annotated[str, typer.Option(help="Of the schedule.")] = "Etc/UTC",
) -> None:
    """Offer curate and check to a Prefect server (PREFECT_API_URL), on a schedule or on demand, until stopped.

    For one machine. For work pools, Docker and Kubernetes see prefect.yaml and docs/operations.md.
    """
    from curate.policy import Policy
    from curate.privacy.workspace import load_key, open_workspace, remember_source
    from curate.sources.source import expect_source
    from flows.environment import prepare

    Policy.load(policy)
    expect_source(source, release)
    place = open_workspace(workspace)
    load_key(place)
    remember_source(place, source)
    prepare(place)
    from flows.service import parameters_of, serve_deployments

    serve_deployments(parameters_of(place, release, policy, workers), cron, timezone)


def erase(
    release: ReleaseArgument,
    patient_id: Annotated[str, typer.Option(help="PatientID (0010,0020) as in the source.")],
    workspace: Annotated[Path, typer.Option(help="The workspace that made the release, with its key.")],
    issuer: Annotated[
        str, typer.Option(help="IssuerOfPatientID (0010,0021), where the number alone is not enough.")
    ] = "",
    *,
    keep_secret: Annotated[
        bool, typer.Option("--keep-secret", help="Other releases of the domain hold the patient: not the last call.")
    ] = False,
) -> None:
    """Erase one patient from a release and its workspace, prove it, and keep the patient out of later runs.

    Only files that hold the patient are written anew. The workspace gets a signed certificate and a recall notice for
    whoever has a copy. Killed or failed, run the same command again. Every release is erased by a call of its own.
    Where patients have secrets, the last call deletes the patient's: without it nobody finds the patient in a release.
    """
    from curate.erasure import erase as remove

    done = remove(release, patient_id, workspace, issuer, keep_secret=keep_secret)
    said = "withdrawn: nobody is left in it" if done.withdrawn else f"{done.files_rewritten} files written anew"
    typer.echo(f"Erased       {done.rows} rows; {said}")
    typer.echo(f"Certificate  {done.certificate}")
    typer.echo(f"Recall       {done.recall}")


def locate(  # noqa: PLR0913, PLR0917  each is an option of the command
    workspace: Annotated[Path, typer.Option(help="The workspace, with its key.")],
    patient_id: Annotated[str, typer.Option(help="PatientID (0010,0020) as in the source.")] = "",
    pseudonym: Annotated[str, typer.Option(help="patient_key of a row; whose it is is told only by reidentify.")] = "",
    reason: Annotated[str, typer.Option(help="Why; it is logged, and must not name the patient.")] = "",
    release: Annotated[list[Path] | None, typer.Option(help="A release to look in; may be repeated.")] = None,
    issuer: Annotated[
        str, typer.Option(help="IssuerOfPatientID (0010,0021), where the number alone is not enough.")
    ] = "",
    policy: PolicyFile = None,
) -> None:
    """Say which releases, files and rows hold a patient (Art. 15 GDPR), if the policy's [domain] locate allows it.

    The committed shards of the workspace are looked in too. By pseudonym, the PatientID is told only where the policy
    says `reidentify = true`. Each answer is in the signed access log of the workspace before it is given.
    """
    from curate.access import Asked, answer
    from curate.policy import Policy

    asked = Asked(patient_id, pseudonym, reason, issuer)
    found = answer(workspace, release or [], asked, Policy.load(policy).domain)
    for row in found.rows:
        typer.echo(f"{row.root}\t{row.file}\trow {row.row}\t{row.sample_id}")
    for identity in found.identities:
        typer.echo(f"PatientID\t{identity}")
    typer.echo(
        f"{len(found.rows)} rows; the request is number {found.number} of {workspace / 'access.jsonl'}", err=True
    )


def review(
    release: ReleaseArgument,
    workspace: Annotated[Path, typer.Option(help="The workspace that made the release, with its key.")],
    patients: Annotated[int, typer.Option(min=1, help="How many; 299 without a leak bound the rate at 1 %.")] = 299,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 for any.")] = 0,
    *,
    result: Annotated[bool, typer.Option("--result", help="Only say how the review stands.")] = False,
) -> None:
    """Look at a sample of a release in the browser, and learn how many patients leak at most.

    Whole patients are drawn by a seed that nobody can choose, and some studies get a planted leak to measure the
    reviewer. Stop with Ctrl-C and go on later: verdicts are kept in the workspace.
    """
    from curate.review import conclude, open_review
    from curate.review.serve import Desk

    held = open_review(release, workspace, patients)
    if not result:
        desk = Desk(held, port)
        with suppress(KeyboardInterrupt):  # from the moment that the line below names the key
            typer.echo(f"Open {desk.address}\nC is clean, L is a leak, B goes back; Ctrl-C ends.")
            desk.serve()
    found = held.outcome()
    typer.echo(
        f"Reviewed     {found.patients} patients, {found.leaking} leak; {found.open} studies have no verdict yet"
    )
    typer.echo(f"Planted      {found.noticed} of {found.planted} noticed")
    typer.echo(f"At most      {found.corrected_bound:.2%} of patients leak (95 % confidence)")
    outcome = conclude(held, workspace)
    typer.echo(f"Outcome      {outcome}\nIn words     {outcome.with_suffix('.html')}")


def retention(
    action: Annotated[Literal["check", "purge"], typer.Argument(help="check: what is overdue. purge: remove it.")],
    workspace: Annotated[Path, typer.Option(help="The workspace, with its key.")],
    release: Annotated[list[Path] | None, typer.Option(help="A release that has a limit too; may be repeated.")] = None,
    policy: PolicyFile = None,
) -> None:
    """Hold workspace and releases to the days that the policy's [retention] allows; check exits 3 when one is overdue.

    What is purged leaves a signed tombstone in the workspace. Key, opt-out register and certificates stay.
    """
    from curate import retention as zones
    from curate.policy import Policy

    options, releases = Policy.load(policy).retention, release or []
    found = (
        zones.purge(workspace, releases, options) if action == "purge" else zones.zones(workspace, releases, options)
    )
    for zone in found:
        limit = f"of {zone.limit}" if zone.limit else "no limit"
        state = "purged" if action == "purge" else "OVERDUE" if zone.overdue else ""
        typer.echo(
            f"{zone.name:<12} {zone.files:>7,} files {zone.bytes:>15,} bytes {zone.days:>5} days ({limit}) {state}"
        )
    if action == "check" and any(zone.overdue for zone in found):
        raise typer.Exit(3)


def export(
    release: ReleaseArgument,
    out: Annotated[Path, typer.Option(help="New directory; a folder a split appears in it.")],
    form: Annotated[str, typer.Option("--form", help="webdataset (tar) or mds (MosaicML Streaming).")] = "webdataset",
) -> None:
    """Copy a release into the shards of another loader; the same PNGs, reports and columns, patients' splits kept."""
    from curate.export import export as write

    counts = write(release, out, form)
    typer.echo(f"{sum(counts.values())} studies: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    typer.echo(f"Export       {out}")

"""The code describes itself: the table of promises, the effective policy, and the profile attribute by attribute."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files

from curate.dicom.profile import Profile
from curate.policy import Policy


def explanation(policy: Policy, *, attributes: bool = True) -> str:
    """What `curate explain` prints. The README's table of promises is compared with it."""
    parts = [promises_table(), "", "Policy", "", *_toml(policy), f"# digest {policy.digest}"]
    if attributes:
        parts += ["", "Attributes", "", *_attributes(Profile.compile(policy.profile))]
    return "\n".join(parts)


def promises_table() -> str:
    """The promises and the test that holds each, as a Markdown table."""
    promises = json.loads((files("curate") / "promises.json").read_text(encoding="utf-8"))
    rows = [f"| {each['law']} | {each['promise']} | `{each['test']}` |" for each in promises]
    return "\n".join(["| law | promise | held by |", "|---|---|---|", *rows])


def _toml(policy: Policy) -> Iterator[str]:
    """The policy as the TOML file that says the same."""
    for section, settings in asdict(policy).items():
        yield f"[{section}]"
        yield from (f"{name} = {json.dumps(value)}" for name, value in settings.items())
        yield ""


def _attributes(profile: Profile) -> Iterator[str]:
    """One line an attribute: tag, VR, basic action code, effective action code, method, name, source of the rule."""
    yield "tag          VR        basic    action  method      attribute, and the rule"
    for row in profile.table():
        tag = f"({row['tag'][:4]},{row['tag'][4:]})" if len(row["tag"]) == 8 else row["tag"]
        codes = f"{row['vr']:<9} {row['basic']:<8} {row['action']:<7} {row['method']:<11}"
        yield f"{tag:<12} {codes} {row['name']} ({row['source']})"

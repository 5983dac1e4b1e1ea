"""Pseudonym domains: what is made for one recipient or project shares no surrogate with what is made for another.

Each has a place of its own in the workspace, `domains/NAME`, with catalog, staging and maps, and a key that is drawn
from the workspace's by HKDF (RFC 5869). Who was erased or opted out, signatures and received files are matters of the
whole workspace, and stay under its own key.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.errors import ContractBroken, PolicyError, Problem
from curate.policy import DomainOptions
from curate.privacy.surrogates import digest
from curate.privacy.workspace import DOMAINS, load_key, root_of

_NOTE = "domain.json"
_WITH_SECRETS = "-secrets"


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The key of the workspace, and that of the domain of a run; without a domain they are the same."""

    root: bytes
    run: bytes

    def patient_key(self, person: str) -> str:
        """The pseudonym in this domain of whom the workspace knows as `person`."""
        return person if self.run == self.root else digest(self.run, "patient", person).hex()[:32]


def keys_of(place: Path) -> Keys:
    """The keys of a workspace, or of a domain in it. Raises PolicyError as `load_key`."""
    return Keys(load_key(root_of(place)), load_key(place))


def enter_domain(workspace: Path, options: DomainOptions) -> Path:
    """The place where a run of this domain keeps what it knows, made at first use: without a domain, the workspace."""
    if not _is_stated(options):
        return workspace
    stated = _stated(load_key(workspace), options)
    place = workspace / DOMAINS / _name(stated)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    note = place / _NOTE
    if not note.exists():
        temporary = place / f".{_NOTE}.writing"
        temporary.touch(mode=0o600)
        temporary.write_text(
            json.dumps({"recipient": options.recipient, "project": options.project, **stated}, indent=1) + "\n",
            encoding="utf-8",
        )
        temporary.replace(note)
    return place


def _is_stated(options: DomainOptions) -> bool:
    return bool(options.recipient.strip() or options.project.strip() or options.patient_secrets) or options.version > 1


def _stated(key: bytes, options: DomainOptions) -> dict[str, Any]:
    names = [unicodedata.normalize("NFC", each).strip() for each in (options.recipient, options.project)]
    return {
        "id": digest(key, "domain", *names).hex()[:20],
        "version": options.version,
        "patient_secrets": options.patient_secrets,
    }


def _name(stated: Mapping[str, Any]) -> str:
    return f"{stated['id']}-{stated['version']}" + _WITH_SECRETS * bool(stated["patient_secrets"])


def stated_domain(place: Path) -> dict[str, Any]:
    """What a release says of its domain: an opaque id, the version, whether patients have secrets; nothing without."""
    if root_of(place) == place:
        return {}
    held = json.loads((place / _NOTE).read_text(encoding="utf-8"))
    return {"domain": {name: held[name] for name in ("id", "version", "patient_secrets")}}


def place_of(workspace: Path, run: Mapping[str, Any]) -> Path:
    """The place of the domain that a release states in its facts; the workspace remembers it.

    Raises ContractBroken when it is no domain that we could have stated, PolicyError when it is of another workspace.
    """
    if "domain" not in run:
        return workspace
    name = _name({"patient_secrets": False, **run["domain"]})
    if not re.fullmatch(rf"[0-9a-f]{{20}}-[1-9]\d*(?:{_WITH_SECRETS})?", name):
        raise ContractBroken("manifest", "domain")
    place = workspace / DOMAINS / name
    if not place.is_dir():
        raise PolicyError(Problem.DOMAIN_UNKNOWN)
    return place


def places_of(workspace: Path) -> list[Path]:
    """The workspace and every domain in it: wherever an identifier can be."""
    return [workspace, *sorted(each for each in (workspace / DOMAINS).glob("*") if each.is_dir())]


def has_secrets(place: Path) -> bool:
    """Whether each patient has a secret in this domain."""
    return root_of(place) != place and place.name.endswith(_WITH_SECRETS)

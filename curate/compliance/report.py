"""The report of a release: what a data protection officer reads. Plain sentences, each check cited by its id."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from curate.compliance.data_docs import standing
from curate.compliance.pages import grouped, render, sentences
from curate.compliance.pdf import as_pdf

Facts = Mapping[str, Any]

_UNITS = ("patients", "studies", "instances", "reports")
_BAR = 520  # units of the SVG in which all that came in is drawn


def write_report(facts: Facts, path: Path) -> None:
    """Write the report as one HTML page that needs nothing else, and beside it as PDF; equal facts give equal bytes.

    facts, as JSON holds them (no value of the source is among them):
      run         version, policy_digest, contracts {table: version}, profile_codes [code of CID 7050, ...],
                  domain {id, version, patient_secrets}, where there is one,
                  governance {controller, purpose, legal_basis, recipient, retention: as the policy states them}
      counts      patients_in, studies_in, instances_in, reports_in;
                  published {patients, studies, instances, reports, images};
                  quarantined {reason: instances and reports}, refused_by_policy {reason: instances and reports}
      splits      {split: studies}
      modalities  {modality: studies}; a study with two counts in both
      actions     [{stage, target, action, rule, count}, ...], the journal summed over all studies
      verdicts    [{suite, rows, checks: [{id, sentence, type, column, severity, outcome, rows, unexpected}, ...]}, ...]
      risk        options, after and, unless a patient was erased since, before {measure: number}:
                  see curate.emit.risk
      erased      patients erased after publication, if any
      residue     searched: studies; hits: instances and reports that were held back because something was found
    """
    verdicts = [_verdict(each) for each in facts["verdicts"]]
    page = render(
        "report.html.j2",
        run=_run(facts["run"]),
        counts=facts["counts"],
        passage=_passage(facts["counts"]),
        accounts=_accounts(facts["counts"]),
        held_back=_by_reason(facts["counts"]["quarantined"]),
        not_wanted=_by_reason(facts["counts"]["refused_by_policy"]),
        stages=_stages(facts["actions"]),
        headlines=_headlines(verdicts),
        verdicts=[(standing(each.suite, each.rows, each.checks), each) for each in verdicts],
        residue=facts["residue"],
        erased=facts.get("erased", 0),
        risk=_risk(facts.get("risk", {})),
        splits=sorted(facts["splits"].items()),
        modalities=sorted(facts["modalities"].items()),
        limits=sentences()["limits"],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    path.with_suffix(".pdf").write_bytes(as_pdf(page, "Report of the release"))


def _verdict(verdict: Facts) -> Any:
    """A verdict as it came out of JSON, with its checks, to be read by attribute."""
    checks = [SimpleNamespace(**check) for check in verdict["checks"]]
    return SimpleNamespace(suite=verdict["suite"], rows=verdict["rows"], checks=checks)


def _run(run: Facts) -> dict[str, Any]:
    names = sentences()["profile"]
    codes = [(code, names.get(code, "")) for code in sorted(run["profile_codes"])]
    stated = run.get("governance", {})
    governance = [(told, article, stated.get(name, "")) for name, (told, article) in sentences()["governance"].items()]
    return {**run, "contracts": sorted(run["contracts"].items()), "profile": codes, "governance": governance}


def _passage(counts: Facts) -> list[dict[str, Any]]:
    """What came in and what went out, for each unit, with the length of its bar."""
    rows = []
    for place, unit in enumerate(_UNITS):
        came, went = counts[f"{unit}_in"], counts["published"][unit]
        share = went / came if came else 0.0
        text = f"{grouped(went)} of {grouped(came)} {unit} ({share:.0%})" if came else f"no {unit}"
        bar = round(_BAR * share) if came else 0
        rows.append({"unit": unit, "came": came, "went": went, "text": text, "bar": bar, "top": 34 * place})
    return rows


def _accounts(counts: Facts) -> dict[str, int]:
    """Instances and reports: all that came in must be published, held back or not wanted."""
    published = counts["published"]["instances"] + counts["published"]["reports"]
    held, unwanted = sum(counts["quarantined"].values()), sum(counts["refused_by_policy"].values())
    came = counts["instances_in"] + counts["reports_in"]
    lost = came - published - held - unwanted
    return {"came": came, "published": published, "held": held, "unwanted": unwanted, "lost": lost}


def _by_reason(reasons: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Reasons with their sentences, the most frequent first."""
    told = sentences()["reasons"]
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return [(reason, told.get(reason, "No sentence exists for this reason."), count) for reason, count in ordered]


def _stages(actions: Iterable[Facts]) -> list[dict[str, Any]]:
    """The journal by stage: a sentence, a row for each rule, and every target."""
    by_stage: dict[str, list[Facts]] = {}
    for each in actions:
        by_stage.setdefault(each["stage"], []).append(each)
    known = list(sentences()["stages"])
    order = sorted(by_stage, key=lambda stage: (known.index(stage) if stage in known else len(known), stage))
    return [_stage(stage, by_stage[stage]) for stage in order]


def _stage(stage: str, actions: Sequence[Facts]) -> dict[str, Any]:
    done: Counter[str] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    targets: dict[tuple[str, str], set[str]] = {}
    for each in actions:
        rule = each["rule"], each["action"]
        done[_meaning(each["action"])] += each["count"]
        rules[rule] += each["count"]
        targets.setdefault(rule, set()).add(each["target"])
    return {
        "name": sentences()["stages"].get(stage, stage),
        "summary": ", ".join(f"{meaning} {_times(count)}" for meaning, count in _most_first(done)),
        "rules": [(*rule, _meaning(rule[1]), len(targets[rule]), count) for rule, count in _most_first(rules)],
        "targets": sorted((each["target"], each["action"], each["rule"], each["count"]) for each in actions),
    }


def _meaning(action: str) -> str:
    """What an action code or verb means, in a plain word; a code that nothing explains stands for itself."""
    return str(sentences()["actions"].get(action, action))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{grouped(count)} times"


def _most_first(counts: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _risk(risk: Facts) -> dict[str, Any]:
    """The measures before and after, each with its sentence; shares of 1 as percent."""
    if not risk:
        return {}
    told = sentences()["risk"]
    times = [when for when in ("before", "after") if when in risk]
    rows = [(told[name], [_measure(risk[when], name) for when in times]) for name in told]
    options = risk["options"]
    names = [
        f"age in bands of {options['age_band']} years" if each == "age" else each
        for each in options["quasi_identifiers"]
    ]
    return {
        "rows": rows,
        "times": times,
        "names": " and ".join(name.replace("_", " ") for name in names) or "nothing",
        "k": options["k"],
    }


def _measure(risk: Facts, name: str) -> str:
    value = risk["below"][name.removeprefix("below_")] if name.startswith("below_") else risk[name]
    return f"{value:.1%}" if isinstance(value, float) else grouped(value)


def _headlines(verdicts: Iterable[Any]) -> list[Any]:
    """The checks that the summary speaks of, in the order of sentences.json."""
    checks = {check.id: check for verdict in verdicts for check in verdict.checks}
    return [checks[each] for each in sentences()["headlines"] if each in checks]

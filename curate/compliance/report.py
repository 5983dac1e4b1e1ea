"""The report of a release: what a data protection officer reads. Plain sentences, each check cited by its id."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from curate.compliance.data_docs import standing
from curate.compliance.pages import render
from curate.compliance.pdf import as_pdf
from curate.compliance.words import Words, language_of
from curate.journal import entropy

Facts = Mapping[str, Any]

_UNITS = ("patients", "studies", "instances", "reports")
_BAR = 520  # units of the SVG in which all that came in is drawn
_LABEL, _LETTER = 90, 9  # the least that the name of a unit takes, and the most that a letter of it does


def write_report(facts: Facts, path: Path) -> None:
    """Write the report as one HTML page that needs nothing else, and beside it as PDF; equal facts give equal bytes.

    facts, as JSON holds them (no value of the source is among them):
      run         version, policy_digest, contracts {table: version}, profile_codes [code of CID 7050, ...],
                  domain {id, version, patient_secrets}, where there is one,
                  governance {controller, purpose, legal_basis, recipient, retention: as the policy states them;
                  language: en or de, that of the report}
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
    words = Words(language_of(facts))
    page = render("report.html.j2", words, **_told(facts, words))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    path.with_suffix(".pdf").write_bytes(as_pdf(page, words.phrase("title"), words.language))


def _told(facts: Facts, words: Words) -> dict[str, Any]:
    """What the template asks for."""
    verdicts = verdicts_in(facts)
    return {
        "run": _run(facts["run"], words),
        "counts": facts["counts"],
        "passage": _passage(facts["counts"], words),
        "label": _label(words),
        "accounts": _accounts(facts["counts"]),
        "held_back": _by_reason(facts["counts"]["quarantined"], words),
        "not_wanted": _by_reason(facts["counts"]["refused_by_policy"], words),
        "stages": _stages(facts["actions"], words),
        "headlines": _headlines(verdicts, words),
        "verdicts": [(standing(each.suite, each.rows, each.checks, words), each) for each in verdicts],
        "residue": facts["residue"],
        "erased": facts.get("erased", 0),
        "risk": _risk(facts.get("risk", {}), words),
        "splits": sorted(facts["splits"].items()),
        "modalities": sorted(facts["modalities"].items()),
        "limits": words["limits"],
    }


def verdicts_in(facts: Facts) -> list[Any]:
    """The verdicts as they came out of JSON, with their checks, to be read by attribute."""
    return [
        SimpleNamespace(**{**each, "checks": [SimpleNamespace(**check) for check in each["checks"]]})
        for each in facts["verdicts"]
    ]


def _run(run: Facts, words: Words) -> dict[str, Any]:
    codes = [(code, words["profile"].get(code, "")) for code in sorted(run["profile_codes"])]
    stated = run.get("governance", {})
    governance = [(told, article, stated.get(name, "")) for name, (told, article) in words["governance"].items()]
    return {**run, "contracts": sorted(run["contracts"].items()), "profile": codes, "governance": governance}


def _passage(counts: Facts, words: Words) -> list[dict[str, Any]]:
    """What came in and what went out, for each unit, with the length of its bar."""
    rows = []
    for place, unit in enumerate(_UNITS):
        came, went = counts[f"{unit}_in"], counts["published"][unit]
        bar = round(_BAR * (went / came if came else 0.0))
        told = {"shown": _share(unit, went, came, words, "shown"), "text": _share(unit, went, came, words, "told")}
        rows.append({"unit": words["units"][unit], "came": came, "went": went, "bar": bar, "top": 34 * place, **told})
    return rows


def _share(unit: str, went: int, came: int, words: Words, form: str) -> str:
    """How much of a unit went out: as `shown` behind its bar, or as `told` to who does not see it."""
    name = words["units"][unit]
    if not came:
        return words.phrase("none", unit=name)
    figures = {"went": words.number(went), "came": words.number(came), "share": words.percent(went / came)}
    return words.phrase(form, unit=name, **figures)


def _label(words: Words) -> int:
    """Where the bars begin: behind the longest name of a unit."""
    return max(_LABEL, _LETTER * max(map(len, words["units"].values())))


def _accounts(counts: Facts) -> dict[str, int]:
    """Instances and reports: all that came in must be published, held back or not wanted."""
    published = counts["published"]["instances"] + counts["published"]["reports"]
    held, unwanted = sum(counts["quarantined"].values()), sum(counts["refused_by_policy"].values())
    came = counts["instances_in"] + counts["reports_in"]
    lost = came - published - held - unwanted
    return {"came": came, "published": published, "held": held, "unwanted": unwanted, "lost": lost}


def _by_reason(reasons: Mapping[str, int], words: Words) -> list[tuple[str, str, int]]:
    """Reasons with their sentences, the most frequent first."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return [
        (reason, words["reasons"].get(reason) or words.phrase("unknown_reason"), count) for reason, count in ordered
    ]


def _stages(actions: Iterable[Facts], words: Words) -> list[dict[str, Any]]:
    """The journal by stage: a sentence, a row for each rule, and every target."""
    by_stage: dict[str, list[Facts]] = {}
    for each in actions:
        by_stage.setdefault(each["stage"], []).append(each)
    known = list(words["stages"])
    order = sorted(by_stage, key=lambda stage: (known.index(stage) if stage in known else len(known), stage))
    return [_stage(stage, by_stage[stage], words) for stage in order]


def _stage(stage: str, actions: Sequence[Facts], words: Words) -> dict[str, Any]:
    meanings = words["actions"]
    done: Counter[str] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    targets: dict[tuple[str, str], set[str]] = {}
    for each in actions:
        rule = each["rule"], each["action"]
        done[meanings.get(each["action"], each["action"])] += each["count"]
        rules[rule] += each["count"]
        targets.setdefault(rule, set()).add(each["target"])
    marks = [each["count"] for each in actions if each["action"] == "mark"]
    told = [_times(meaning, count, words) for meaning, count in _most_first(done)]
    spread = [words.phrase("markers", bits=words.bits(entropy(marks)))] if marks else []
    return {
        "name": words["stages"].get(stage, stage),
        "summary": ", ".join([*told, *spread]),
        "rules": [(*rule, meanings.get(rule[1], rule[1]), len(targets[rule]), n) for rule, n in _most_first(rules)],
        "targets": sorted((each["target"], each["action"], each["rule"], each["count"]) for each in actions),
    }


def _times(meaning: str, count: int, words: Words) -> str:
    return words.phrase("once" if count == 1 else "often", meaning=meaning, count=words.number(count))


def _most_first(counts: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _risk(risk: Facts, words: Words) -> dict[str, Any]:
    """The measures before and after, each with its sentence; shares of 1 as percent."""
    if not risk:
        return {}
    told, options = words["risk"], risk["options"]
    times = [when for when in ("before", "after") if when in risk]
    rows = [(told[name], [_measure(risk[when], name, words) for when in times]) for name in told]
    names = [
        words["columns"][each].format(years=options["age_band"]) if each in words["columns"] else each
        for each in options["quasi_identifiers"]
    ]
    return {
        "rows": rows,
        "times": times,
        "names": words.phrase("and").join(names) or words.phrase("nothing"),
        "k": options["k"],
    }


def _measure(risk: Facts, name: str, words: Words) -> str:
    value = risk["below"][name.removeprefix("below_")] if name.startswith("below_") else risk[name]
    return words.percent(value, 1) if isinstance(value, float) else words.number(value)


def _headlines(verdicts: Iterable[Any], words: Words) -> list[Any]:
    """The checks that the summary speaks of, in the order of texts/any.json."""
    checks = {check.id: check for verdict in verdicts for check in verdict.checks}
    return [checks[each] for each in words["headlines"] if each in checks]

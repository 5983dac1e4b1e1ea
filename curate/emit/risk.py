"""How far what a release says about people singles one of them out: by person, never by image or study.

Equivalence classes over declared quasi-identifiers give k-anonymity (Sweeney 2002) and the prosecutor, journalist and
marketer risks of El Emam (2013), l-diversity (Machanavajjhala 2007) over the findings. The release is taken for the
whole population, so the journalist's risk is the prosecutor's: the worst case. What stands in reports and images is
not measured.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from curate.policy import RiskOptions

COLUMNS = ["patient_key", "study_key", "patient_sex", "patient_age", "modalities", "image_meta", "labels"]
_SMALL = (5, 11)  # persons: for recipients who are bound, and for the public (compare EMA policy 0070: risk 0.09)
Class = tuple[str, ...]


@dataclass(slots=True)
class Person:
    """What the rows of one patient say together: values of each quasi-identifier, findings, and which studies."""

    values: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    findings: set[str] = field(default_factory=set)
    studies: set[str] = field(default_factory=set)


def persons_of(rows: Iterable[Mapping[str, Any]], options: RiskOptions) -> dict[str, Person]:
    """The persons of rows of image_text, by pseudonym."""
    persons: dict[str, Person] = defaultdict(Person)
    for row in rows:
        person = persons[row["patient_key"]]
        person.studies.add(row["study_key"])
        person.findings |= {each["name"] for each in row["labels"] if each["value"] == "positive"}
        for name in options.quasi_identifiers:
            person.values[name] |= _READ[name](row, options)
    return dict(persons)


def risk_of(persons: Mapping[str, Person], options: RiskOptions) -> dict[str, Any]:
    """Persons, classes, the smallest class, persons in classes below 5 and 11, risks from 0 to 1, and diversity."""
    sizes = Counter(_class(person, options) for person in persons.values())
    findings: dict[Class, set[frozenset[str]]] = defaultdict(set)
    for person in persons.values():
        findings[_class(person, options)].add(frozenset(person.findings))
    smallest, total = min(sizes.values(), default=0), sum(sizes.values())
    return {
        "persons": total,
        "classes": len(sizes),
        "smallest": smallest,
        "below": {str(bound): sum(size for size in sizes.values() if size < bound) for bound in _SMALL},
        "highest_risk": round(1 / smallest, 4) if smallest else 0.0,
        "average_risk": round(len(sizes) / total, 4) if total else 0.0,  # the marketer's
        "least_diverse": min((len(each) for each in findings.values()), default=0),
    }


def rare(persons: Mapping[str, Person], options: RiskOptions) -> set[str]:
    """The studies of persons whose class has fewer than `options.k` of them."""
    sizes = Counter(_class(person, options) for person in persons.values())
    few = (person for person in persons.values() if sizes[_class(person, options)] < options.k)
    return {study for person in few for study in person.studies}


def banded(age: int | None, options: RiskOptions) -> int | None:
    """The first year of the band that an age is in."""
    return None if age is None else age // options.age_band * options.age_band


def _class(person: Person, options: RiskOptions) -> Class:
    return tuple(" ".join(sorted(person.values[name])) for name in options.quasi_identifiers)


def _body_parts(row: Mapping[str, Any], _: RiskOptions) -> set[str]:
    return {meta["body_part"] or "" for meta in row["image_meta"]}


_READ = {
    "sex": lambda row, _: {row["patient_sex"] or ""},
    "age": lambda row, options: {str(banded(row["patient_age"], options))},
    "modality": lambda row, _: set(row["modalities"]),
    "body_part": _body_parts,
}

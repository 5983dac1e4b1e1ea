"""What the tagger takes from a rule: words of which it is sure that they are nobody, and nothing that is firm."""

import time

import pytest

from curate.policy import Policy
from curate.privacy.identifiers import KnownIdentifiers
from curate.records import Identifier, IdentifierKind, Span
from curate.text import cleared
from curate.text.lexicon import folded
from curate.text.plain import plain_words
from curate.text.recognize import Recognizer
from curate.text.tagger import Tagger

RECOGNIZER = Recognizer(Policy().text)


def left(text: str, *spans: Span, clear: tuple[str, ...]) -> list[str]:
    """What stays of spans where these parts of a text are cleared."""
    runs = [Span(text.index(part), text.index(part) + len(part), "NAME", cleared.RULE) for part in clear]
    mask = cleared.places(text, [*spans, *runs], [])
    return [text[span.start : span.end] for span in cleared.without(text, spans, mask)]


def whole(text: str, rule: str = "cue") -> Span:
    """All of a text as what a rule found."""
    return Span(0, len(text), "NAME", rule)


def test_cleared_tokens_divide_what_a_rule_found() -> None:
    """Blanks and commas beside them go too."""
    assert left("Schwarz und dem Präparator, Grün", whole("x" * 32), clear=("und dem Präparator",)) == [
        "Schwarz",
        "Grün",
    ]


def test_nothing_cleared_leaves_a_span_as_it_is() -> None:
    """Also its odd ends."""
    assert left("(Schwarz,", whole("x" * 9), clear=()) == ["(Schwarz,"]


def test_a_span_of_cleared_tokens_vanishes() -> None:
    """The word of a place without the place."""
    assert left("Plastic surgery", whole("x" * 15, "organisation"), clear=("Plastic surgery",)) == []


@pytest.mark.parametrize("part", ["Stent", "Howe"])
def test_half_a_token_is_kept(part: str) -> None:
    """A joined name is one token: who is sure of half of it is not sure of the name."""
    assert left("Stent-Howe", whole("x" * 10), clear=(part,)) == ["Stent-Howe"]


def test_a_token_reaches_beyond_the_span() -> None:
    """A span that begins within a token is asked for all of it."""
    text = "x/Howe"
    assert left(text, Span(2, 6, "NAME", "cue"), clear=("Howe",)) == ["Howe"]
    assert left(text, Span(2, 6, "NAME", "cue"), clear=("x/Howe",)) == []


@pytest.mark.parametrize("rule", ["known", "date", "id", "segment", "email", "url", "uid", "called", "initials"])
def test_firm_rules_are_not_asked(rule: str) -> None:
    """They go by the form of the whole, or by what is known."""
    assert left("Grey 12", whole("Grey 12", rule), clear=("Grey 12",)) == ["Grey 12"]


def test_known_identifiers_within_a_longer_find_stay() -> None:
    """What is known is not clear, whatever rule names the span that it was joined to."""
    text = "Grey of the department"
    span, known = whole(text), Span(0, 4, "NAME", "known")
    mask = cleared.places(text, [span, Span(0, 22, "NAME", cleared.RULE)], [known])
    assert [text[each.start : each.end] for each in cleared.without(text, [span], mask)] == ["Grey"]


@pytest.mark.parametrize(
    ("language", "text", "stays", "goes"),
    [
        (
            "de",
            "In Gegenwart von Kommissarin Schwarz und dem Präparator Grün.",
            ["und dem Präparator"],
            ["Schwarz", "Grün"],
        ),
        ("de", "Unverzügliche Rücksprache mit der Neurochirurgie ist erfolgt.", ["der Neurochirurgie"], []),
        (
            "en",
            "Perfusion of the hand is free. Plastic surgery, in the shape of Allen, saw her.",
            ["Plastic surgery"],
            ["Allen"],
        ),
    ],
)
def test_words_stay_that_only_a_cue_took(language: str, text: str, stays: list[str], goes: list[str]) -> None:
    """Real finds of rules in reports that no run of the tagger had."""
    (found,) = RECOGNIZER.find([text], languages=[language])
    gone = {at for span in found for at in range(span.start, span.end)}
    assert [part for part in stays if text.index(part) in gone] == []
    assert [part for part in goes if not gone.issuperset(range(text.index(part), text.index(part) + len(part)))] == []


def test_a_known_name_goes_although_the_tagger_is_sure() -> None:
    """Nobody would take "Plastic" for a name; the header says that it is one."""
    text = "Plastic surgery, in the shape of Allen, saw her."
    known = KnownIdentifiers([Identifier(IdentifierKind.NAME, "PLASTIC^AMY")])
    (found,) = RECOGNIZER.find([text], known)
    assert found[0].start == 0


def test_only_what_was_read_is_cleared() -> None:
    """Nobody is sure of a stretch of plain words that the tagger did not read."""
    plain = "The lungs are clear. There is no pleural effusion. The heart is normal in size. No focal consolidation.\n"
    text = plain * 3 + "Seen by Ravi in the afternoon with the family.\n" + plain * 3
    read = list(plain_words().read(text, ()))
    runs = [span for span in Tagger().read(text) if span.rule == cleared.RULE]
    assert sum(end - start for start, end in read) < len(text) / 2
    assert runs
    assert all(any(start <= run.start and run.end <= end for start, end in read) for run in runs)


@pytest.mark.parametrize("unit", ["Howe-", "Howe and "])
def test_time_is_linear(unit: str) -> None:
    """Four times the text, with or without a blank in it, takes about four times as long."""

    def seconds(count: int) -> float:
        text = unit * count
        spans = [Span(at, at + 4, "NAME", "cue") for at in range(0, len(text), len(unit))]
        began = time.process_time()
        assert len(list(cleared.without(text, spans, cleared.places(text, spans, [])))) == count
        return time.process_time() - began

    seconds(100)
    short = max(seconds(4_000), seconds(4_000))
    assert min(seconds(16_000), seconds(16_000)) < 8 * short + 0.1


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Discussed with Dr. {} at 14:00.", "Dr. {} was present for the procedure."]),
        ("de", ["Rücksprache mit Dr. {} um 14 Uhr.", "Herr {} wurde aufgeklärt."]),
        ("fr", ["Discuté avec le Dr {} à 14 h.", "Validé par le Pr {}."]),
        ("es", ["Comentado con el Dr. {} a las 14.", "Informado por la Dra. {}."]),
    ],
)
def test_nothing_behind_a_title_is_cleared(
    language: str, sentences: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is called like a word of a report goes behind a title, as surely as without the tagger's doubts."""
    names = [word.title() for word in sorted(folded("report_words", language)) if len(word) > 4][::150]
    texts = [sentence.format(name) for name in names for sentence in sentences]
    found = RECOGNIZER.find(texts, languages=[language] * len(texts))
    monkeypatch.setattr(cleared, "places", lambda text, raw, certain: bytearray(len(text)))
    unasked = RECOGNIZER.find(texts, languages=[language] * len(texts))
    assert len(names) > 20
    assert [text for text, left, all_of_it in zip(texts, found, unasked, strict=True) if left != all_of_it] == []

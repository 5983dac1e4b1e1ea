"""What was replaced on a guess is listed for people to look at."""

from dataclasses import replace

from curate.instance import Patient, rules_of
from curate.journal import Journal
from curate.policy import Policy, TextOptions
from curate.privacy.identifiers import KnownIdentifiers
from curate.privacy.residue import Residue, Strangers
from curate.privacy.surrogates import Surrogates
from curate.records import RawReport
from curate.study import scrub_report

TEXT = "Dr. Amara Nwosu saw the lung.\nplan as for tlalocan before\nNo effusion."


def reviewed(review_below: float) -> list[str]:
    """The rules and places that the journal lists for review, and what stands there in the released report."""
    policy = replace(Policy(), text=TextOptions(review_below=review_below, replacement="placeholder"))
    known = KnownIdentifiers([])
    surrogates = Surrogates(b"k" * 32, "p")
    patient = Patient("p", known, surrogates, Residue(known, Strangers([]), surrogates))
    journal = Journal()
    clean = scrub_report(RawReport("r", TEXT), patient, rules_of(policy, b"k" * 32), journal)
    places = [row["rule"] for row in journal.rows("0" * 20) if row["action"] == "review"]
    spots = [str(place).partition(", ")[2].split("-") for place in places]
    assert all("NAME" in clean.text[int(start) : int(end)].upper() for start, end in spots)
    return [str(place).partition(",")[0] for place in places]


def test_guesses_are_listed_with_their_place_in_the_released_report() -> None:
    """A title makes a name sure; what the model half believes is a guess, and a person should see what became of it."""
    assert reviewed(0.95) in (["tagger"], ["unfamiliar"])  # whichever believed it more
    assert reviewed(0.0) == []

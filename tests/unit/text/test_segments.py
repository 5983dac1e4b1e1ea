"""HL7 segments in a text: fields are what the standard says they are."""

from curate.text import segments

MESSAGE = (
    "MSH|^~\\&|RIS|LAKESIDE|EHR|NORTH|202408161432||ORU^R01|0081273|P|2.5\n"
    "PID|1||P771203^^^LKS||ROE^JANE^Q||19830729|F|||8 PALM GROVE^^DURBAN||0315550146\n"
    "PV1|1|O|7W^12^B||||44120^NAIDOO^PAT\n"
    "OBX|1|TX|||Heart size normal. Kerley lines absent.||||||F"
)


def found(text: str) -> dict[str, str]:
    """Each value that is found, with its label."""
    return {text[span.start : span.end]: span.label for span in segments.find(text)}


def test_fields_are_told_by_their_place() -> None:
    """Names, numbers, address, bed; the text of OBX is left to the other rules."""
    assert found(MESSAGE) == {
        "LAKESIDE": "INSTITUTION",
        "NORTH": "INSTITUTION",
        "0081273": "ID",
        "P771203": "ID",
        "LKS": "INSTITUTION",
        "ROE^JANE^Q": "NAME",
        "19830729": "DATE",
        "8 PALM GROVE^^DURBAN": "ADDRESS",
        "0315550146": "PHONE",
        "7W^12^B": "LOCATION",
        "44120^NAIDOO^PAT": "NAME",
    }


def test_segments_without_line_ends_are_told_apart() -> None:
    """As a chart shows what was pasted into it."""
    assert found(MESSAGE.replace("\n", " ")) == found(MESSAGE)


def test_a_pipe_in_a_text_is_no_segment() -> None:
    """Nor is a short or empty field."""
    assert found("Liver | normal | Spleen | 11 cm, PID| none") == {}
    assert found("PID|1|||||\nPV1|1|I|^^") == {}


def test_elements_of_a_document_are_told_by_their_name() -> None:
    """As far as they name a person or an address; a text in one stays."""
    text = (
        "<familyname>L\u00ea</familyname><given qualifier='CL'>Van</given>\n<street>rue du Terril</street>"
        "<housenumber>41</housenumber><postalCode>6000</postalCode><text>Heart normal.</text><name></name>"
    )
    assert found(text) == {
        "L\u00ea": "NAME", "Van": "NAME", "rue du Terril": "ADDRESS", "41": "ADDRESS", "6000": "ADDRESS",
    }  # fmt: skip

"""HL7 v2 ORU^R01."""

from base64 import b64encode
from datetime import date
from pathlib import Path

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import Reason
from curate.policy import Limits
from curate.records import RawReport, ReportStatus
from curate.sources.hl7 import parse, unescape
from tests.unit.sources.papers import known, one, pdf, read, reason

MARKS = "|^~\\&"
HEADER = (
    "MSH|^~\\&|RIS|ST ELSEWHERE HOSPITAL|PACS|NORTH CLINIC|20240315101500||ORU^R01^ORU_R01|77|P|2.5.1||||||{charset}"
)
PERSON = (
    "PID|1||00483921^^^HOSP^MR~987654321^^^SSA^SS||QUILLFEATHER^MARGUERITE^ANNE||19510203|F|||"
    "12 Larkspur Lane^^Thistledown^TX^75001||(214)555-0142^^^mq@example.org"
)
VISIT = "PV1|1|O|WARD^7^2^ELSEWHERE GENERAL||||4711^BRAMBLE^OTTO^^^DR||||||||||||V998877"
ORDER = (
    "OBR|1|PLC-5512|FIL-90817|71046^XR CHEST 2 VIEWS^CPT|||20240314093000|||||||||4711^BRAMBLE^OTTO||ACC-778899||||"
    "20240315100000||CR|{status}|||||||8080&PENHALIGON&ISOLDE"
)
CODED = [
    "OBX|1|TX|18785-6^Reason for study^LN||Cough for 6 weeks.||||||F",
    "OBX|2|TX|59776-5^Findings^LN||The heart is of normal size.~No pleural effusion.||||||F",
    "OBX|3|TX|59776-5^Findings^LN||Lungs are clear.||||||F",
    "OBX|4|TX|19005-8^Impression^LN||No acute disease.||||||F",
]


def message(
    *observations: str, status: str = "F", charset: str = "", encoding: str = "utf-8", header: str = HEADER
) -> bytes:
    """A message with a patient, a visit, an order and some observations."""
    lines = [header.format(charset=charset), PERSON, VISIT, ORDER.format(status=status), *observations]
    return ("\r".join(lines) + "\r").encode(encoding)


def text(value: str, kind: str = "FT") -> bytes:
    """A message whose one observation holds a text as it stands in the field."""
    return message(f"OBX|1|{kind}|18748-4^Report^LN||{value}||||||F")


def test_observations_become_sections_in_their_order() -> None:
    """A header stands where the section begins; repetitions and observations are lines."""
    assert one("a.hl7", message(*CODED)).text == (
        "INDICATION:\nCough for 6 weeks.\n\nFINDINGS:\nThe heart is of normal size.\nNo pleural effusion.\n"
        "Lungs are clear.\n\nIMPRESSION:\nNo acute disease."
    )


def test_fields_of_the_message_are_those_of_the_report() -> None:
    """What joins the report to a study, and what says which version it is."""
    report = one("a.hl7", message(*CODED))
    assert (report.patient_id, report.accession_number) == ("00483921", "ACC-778899")
    assert report.order_numbers == ("PLC-5512", "FIL-90817")
    assert (report.performed, report.issued) == (date(2024, 3, 14), date(2024, 3, 15))
    assert (report.modality, report.procedure) == ("CR", "XR CHEST 2 VIEWS")
    assert (report.document, report.version) == ("FIL-90817", "20240315100000")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("name", {"QUILLFEATHER^MARGUERITE^ANNE", "BRAMBLE^OTTO", "PENHALIGON^ISOLDE"}),
        ("id", {"00483921", "987654321", "V998877", "PLC-5512", "FIL-90817", "ACC-778899", "4711", "8080"}),
        ("date", {"19510203", "20240314", "20240315"}),
        ("address", {"12 Larkspur Lane^Thistledown^TX^75001"}),
        ("phone", {"(214)555-0142"}),
        ("email", {"mq@example.org"}),
        ("institution", {"ST ELSEWHERE HOSPITAL", "NORTH CLINIC", "ELSEWHERE GENERAL"}),
    ],
)
def test_header_of_the_message_identifies(kind: str, values: set[str]) -> None:
    """PID, PV1, OBR and MSH feed the known identifiers of the patient, dates included."""
    assert known(one("a.hl7", message(*CODED)), kind) == values


@pytest.mark.parametrize(
    "name", ["NK1|1|LORIMER^EZRA|SPO||5550001", "ORC|RE|P1|F1|||||||||9^LORIMER^EZRA", "NTE|1||x||^LORIMER^EZRA"]
)
def test_relatives_orderers_and_authors_of_notes_are_known(name: str) -> None:
    """Whoever a segment names may be named in the text."""
    data = message(*CODED).replace(b"OBR|1", name.encode() + b"\rOBR|1")
    assert "LORIMER^EZRA" in known(one("a.hl7", data), "name")


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        (r"5 \T\ 6", "5 & 6"),
        (r"a\F\b\S\c\R\d\E\e", "a|b^c~d\\e"),
        (r"one\.br\two\.sp2\three", "one\ntwo\n\nthree"),
        (r"\H\bold\N\ text", "bold text"),
        (r"caf\XC3A9\ \X0D0A\next", "café \nnext"),
        (r"T1\T2\FLAIR", r"T1\T2\FLAIR"),
        (r"C:\temp", r"C:\temp"),
        (r"x\.sp9999999999\y", r"x\.sp9999999999\y"),
        (r"x\Zabc\y", r"x\Zabc\y"),
        ("\\", "\\"),
        (r"\X4\z", r"\X4\z"),
    ],
)
def test_escape_sequences_are_read_and_what_is_none_stays(raw: str, plain: str) -> None:
    """Chapter 2.7; a backslash that nobody meant as one is no reason to lose a word."""
    assert unescape(raw, MARKS) == plain


def test_text_field_is_read_as_it_was_meant() -> None:
    """Escapes, repetitions and unescaped component marks of a formatted text."""
    report = one("a.hl7", text(r"FINDINGS: 3 ^ 4 mm\.br\IMPRESSION: A \T\ B~Second line"))
    assert report.text == "FINDINGS: 3^4 mm\nIMPRESSION: A & B\nSecond line"


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [
        ("utf-8", "UNICODE UTF-8"),
        ("latin-1", "8859/1"),
        ("latin-1", ""),
        ("cp1252", "8859/1"),
        ("utf-8", "8859/1"),
        ("iso8859_2", "8859/2"),
        ("iso8859_5", "8859/5"),
        ("euc_kr", "KS X 1001"),
        ("gb18030", "GB 18030-2000"),
    ],
)
def test_character_set_of_the_header_is_kept(encoding: str, charset: str) -> None:
    """MSH-18 says it; UTF-8 is recognised whatever it says, and without it the usual ones are tried."""
    words = {"iso8859_5": "Грудь", "euc_kr": "흉부", "gb18030": "胸部", "iso8859_2": "Żebro"}.get(encoding, "Größe ü")
    data = message(f"OBX|1|TX|1^R||{words} normal", charset=charset, encoding=encoding)
    assert one("a.hl7", data).text == f"{words} normal"


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("framing", [(b"", b""), (b"\x0b", b"\x1c\r"), (b"\xef\xbb\xbf", b""), (b"\r\n \n", b"\n\n")])
def test_messages_are_found_in_any_framing(framing: tuple[bytes, bytes], end: bytes) -> None:
    """One or many, with MLLP bytes, a byte order mark, blank lines, and any ending of lines."""
    single = framing[0] + message(*CODED).replace(b"\r", end) + framing[1]
    found = read("a", single * 3)
    assert [isinstance(each, RawReport) for each in found] == [True] * 3
    assert len({each.text for each in found}) == 1


def test_batch_is_its_messages() -> None:
    """FHS, BHS, BTS and FTS enclose messages and are none."""
    data = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + message(*CODED) + b"BTS|1\rFTS|1\r"
    assert one("a.hl7", data).accession_number == "ACC-778899"


def test_line_that_begins_like_no_segment_belongs_to_the_one_before() -> None:
    """Line feeds inside of a field are forbidden, and common."""
    report = one("a.hl7", message("OBX|1|TX|1^R||First line\nMRI was compared.\nCT, too.||||||F"))
    assert report.text == "First line\nMRI was compared.\nCT, too."


def test_report_of_two_orders_is_two() -> None:
    """An order with a text of its own is a report of its own; one without belongs to the other."""
    second = ORDER.format(status="F").replace("ACC-778899", "ACC-2").replace("FIL-90817", "FIL-2")
    both = read("a.hl7", message(*CODED, second, "OBX|1|TX|1^R||Other text||||||F"))
    assert [each.accession_number for each in both] == ["ACC-778899", "ACC-2"]
    (alone,) = read("a.hl7", message(*CODED, second))
    assert "ACC-2" in known(alone, "id")


def test_pdf_in_an_observation_is_read() -> None:
    """OBX-2 ED with Base64: the text of its pages, when there is no other."""
    data = b64encode(pdf([["FINDINGS: No fracture.", "IMPRESSION: Normal."]])).decode()
    report = one("a.hl7", message(f"OBX|1|ED|18748-4^R^LN||RIS^Application^PDF^Base64^{data}||||||F"))
    assert report.text == "FINDINGS: No fracture.\nIMPRESSION: Normal."


@pytest.mark.parametrize(
    ("observation", "line"),
    [
        ("OBX|1|NM|1^Ejection fraction||55|%|||||F", "Ejection fraction: 55 %"),
        ("OBX|1|CWE|1^R||R91^Nodule of lung^I10||||||F", "Nodule of lung"),
        ("OBX|1|SN|1^Volume||>^100|ml|||||F", "Volume: > 100 ml"),
    ],
)
def test_numbers_and_codes_are_lines(observation: str, line: str) -> None:
    """A number keeps its unit, a code its meaning."""
    assert one("a.hl7", message(observation)).text == line


def test_study_uid_is_found_where_it_is_written() -> None:
    """ZDS (IHE), IPC-3, or an observation that is named as one, which is then no text."""
    observed = message("OBX|1|ST|113014^DICOM Study^DCM||1.2.3.4||||||F", *CODED)
    assert one("a.hl7", observed).study_instance_uid == "1.2.3.4"
    assert "1.2.3.4" not in one("a.hl7", observed).text
    assert one("a.hl7", message("ZDS|1.2.3^HOSP^Application^DICOM", *CODED)).study_instance_uid == "1.2.3"
    assert one("a.hl7", message("IPC|A1|RP1|1.2.9|SPS1|CT", *CODED)).study_instance_uid == "1.2.9"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("P", ReportStatus.PRELIMINARY),
        ("R", ReportStatus.PRELIMINARY),
        ("F", ReportStatus.FINAL),
        ("C", ReportStatus.AMENDED),
        ("A", ReportStatus.ADDENDUM),
        ("X", ReportStatus.WITHDRAWN),
        ("?", ReportStatus.PRELIMINARY),
        ("", ReportStatus.FINAL),
    ],
)
def test_status_is_that_of_the_order_else_of_the_observations(code: str, status: ReportStatus) -> None:
    """OBR-25 by table 0123; one that nobody knows is not final."""
    assert one("a.hl7", message(*CODED, status=code)).status is status


def test_observation_sent_as_wrong_withdraws_the_report() -> None:
    """OBX-11 W is sent for another patient's report; D removes one line."""
    wrong = one("a.hl7", message(*CODED, "OBX|5|TX|1^R||x||||||W"))
    assert wrong.status is ReportStatus.WITHDRAWN
    assert "gone" not in one("a.hl7", message(*CODED, "OBX|5|TX|1^R||gone||||||D")).text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (message().replace(b"ORU^R01^ORU_R01", b"OMI^O23^OMI_O23"), Reason.NOT_A_REPORT),
        (message(), Reason.REPORT_EMPTY),
        (text('""'), Reason.REPORT_EMPTY),
        (b"MSH|", Reason.MALFORMED),
        (message("OBX|1|ED|1^R||RIS^Application^PDF^Base64^!!!||||||F"), Reason.REPORT_EMPTY),
        (message("OBX|1|ED|1^R||RIS^Application^PDF^Base64^JVBERi0x||||||F"), Reason.MALFORMED),
        (message("OBX|1|ED|1^R||only^two||||||F"), Reason.MALFORMED),
        (text("a\0b"), Reason.REPORT_UNDECODABLE),
    ],
)
def test_message_without_a_report_has_a_reason(data: bytes, expected: Reason) -> None:
    """Each costs only itself."""
    assert reason("a.hl7", data) == expected


def test_message_beyond_the_limit_costs_only_itself() -> None:
    """The messages before and after are read."""
    large = message("OBX|1|TX|1^R||" + "x" * 5000)
    found = read("a.hl7", message(*CODED) + large + message(*CODED), Limits(document_bytes=3000))
    assert [each if isinstance(each, Reason) else "" for each in found] == ["", Reason.TOO_LARGE, ""]


_FIELD = st.text(st.characters(codec="ascii", exclude_characters="\r\n\\|", exclude_categories=["Cc"]), max_size=20)


@given(st.lists(st.lists(_FIELD, min_size=1, max_size=6), min_size=1, max_size=5))
def test_fields_are_those_that_a_parser_of_others_reads(rows: list[list[str]]) -> None:
    """python-hl7 divides a message as this does: segments, fields, repetitions and components."""
    raw = "\r".join([HEADER.format(charset=""), *("|".join(["ZZ1", *row]) for row in rows)])
    theirs, ours = hl7.parse(raw), parse(raw.replace("\r", "\n"))
    assert len(ours.segments) == len(theirs)
    for own, other in zip(ours.segments, theirs, strict=True):
        fields = [own.field(number).strip() for number in range(1, len(own.fields))]
        assert fields == [str(each).strip() for each in other][1:]


@pytest.mark.parametrize("name", ["ORU_R01-PDF.hl7", "OMI_O23-ImagingOrder.hl7"])
def test_messages_of_a_vendor_are_read(shared: Path, name: str) -> None:
    """A result with a PDF is a report with its study; an order is none."""
    (found,) = read(name, (shared / "data/real/reports/hl7" / name).read_bytes())
    if name.startswith("OMI"):
        assert found is Reason.NOT_A_REPORT
    else:
        assert found.text.startswith("A Simple PDF File")
        assert (found.accession_number, found.patient_id) == ("AccessionNumber", "PID_1")
        assert "Smith^Lucy^Mark" in known(found, "name")

"""Values as sources write them: text in any encoding, dates, names and numbers as identifiers."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import date

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import Identifier, IdentifierKind, RawReport

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(data: bytes, declared: str = "") -> str:
    """Text from bytes: by byte order mark, as UTF-8 if it is that, as declared, else Windows-1252, else Latin-1.

    UTF-8 comes before what is declared: text of another encoding is hardly ever valid UTF-8, and headers are copied.
    Raises Rejected when the bytes are not text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    if b"\0" in data:
        raise Rejected(Reason.REPORT_UNDECODABLE)
    for encoding in ("utf-8", declared, "cp1252"):
        try:
            return data.decode(encoding or "ascii")
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Rejected(Reason.REPORT_UNDECODABLE) from None


def parse_date(text: str) -> date | None:
    """A date from YYYYMMDD or ISO 8601, with or without a time; None when it is neither."""
    digits = text[:10].replace("-", "")[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def identify(kind: IdentifierKind, *values: str) -> Iterator[Identifier]:
    """The values that say something, as known identifiers; a date only if it is one."""
    for value in values:
        if kind is IdentifierKind.DATE:
            day = parse_date(value.strip())
            if day:
                yield Identifier(kind, f"{day:%Y%m%d}")
        elif value.strip(" ^\t\r\n"):
            yield Identifier(kind, value.strip())


def check(report: RawReport, limits: Limits) -> RawReport | Reason:
    """Hold a report to what every reader promises: a text within bounds, of characters that can be written again."""
    if not report.text.strip():
        return Reason.REPORT_EMPTY
    if len(report.text) > limits.report_bytes:
        return Reason.TOO_LARGE
    if "\0" in report.text or not _is_writable(report.text):
        return Reason.REPORT_UNDECODABLE
    plain = {
        each.name: _writable(value) for each in fields(report) if isinstance(value := getattr(report, each.name), str)
    }
    numbers = tuple(map(_writable, report.order_numbers))
    return replace(report, **plain, order_numbers=numbers, identifiers=_distinct(report.identifiers))  # type: ignore[arg-type]


def _distinct(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    made = {Identifier(each.kind, _writable(each.value)) for each in identifiers}
    return tuple(sorted(made, key=lambda each: (each.kind, each.value)))


def _is_writable(text: str) -> bool:
    """Whether UTF-8 can hold it: half a surrogate pair, which JSON can escape, is no character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _writable(value: str) -> str:
    return value if _is_writable(value) else value.encode(errors="replace").decode()

"""One study as one row."""

import hashlib

from curate.emit.rows import image_columns, target_text, text_columns
from curate.records import CleanImage, CleanReport

REPORT = CleanReport("r", "FINDINGS: Clear.\nIMPRESSION: Normal.", {"findings": "Clear.", "impression": "Normal."}, ())


def test_markers_and_blocks_count_the_images() -> None:
    """Every form of the messages has as many image markers as there are images."""
    row = text_columns(REPORT, 3, "Describe.")
    assert [block["type"] for block in row["messages"][0]["content"]] == ["image"] * 3 + ["text"]
    assert row["conversations"][0]["value"] == row["messages_flat"][0]["content"] == "<image><image><image>Describe."
    assert row["conversations"][1]["value"] == "FINDINGS: Clear.\nIMPRESSION: Normal."


def test_marker_in_a_report_is_not_counted_as_an_image() -> None:
    """A report that contains a trainer's marker literally must not add an image."""
    hostile = CleanReport("r", "see <image> and <VIDEO>", {}, ())
    row = text_columns(hostile, 1, "x <image>")
    assert row["messages_flat"][0]["content"].count("<image>") == 1
    assert "<" not in row["messages_flat"][1]["content"]
    assert row["report"] == "see <image> and <VIDEO>"


def test_target_is_findings_and_impression_or_everything() -> None:
    """A report without sections is learnt whole."""
    assert target_text(CleanReport("r", "Short note.", {"other": "Short note."}, ())) == "Short note."
    assert target_text(CleanReport("r", "x", {"impression": "Normal."}, ())) == "IMPRESSION: Normal."


def test_digest_is_of_the_text_as_emitted() -> None:
    """One study, one text: the digest proves it."""
    assert text_columns(REPORT, 0, "")["text_sha256"] == hashlib.sha256(REPORT.text.encode()).hexdigest()


def test_images_keep_their_order_and_descriptions() -> None:
    """Image and description stand at the same place."""
    images = [CleanImage(b"1", {"modality": "MR"}), CleanImage(b"2", {"modality": "CT"})]
    row = image_columns(images)
    assert [each["bytes"] for each in row["images"]] == [b"1", b"2"]
    assert row["modalities"] == ["CT", "MR"]

"""How one instance is looked at."""

import pytest
from pydicom import Dataset

from curate.instance import _wary, rules_of
from curate.policy import Policy

RULES = rules_of(Policy(), bytes(32))


@pytest.mark.parametrize(
    ("keyword", "value", "whole"),
    [
        ("BurnedInAnnotation", "YES", True),
        ("BurnedInAnnotation", "NO", False),
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.7", True),
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.7.2", True),
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.2", False),
    ],
)
def test_a_header_can_only_make_the_look_closer(keyword: str, value: str, whole: bool) -> None:
    """Where it speaks of text or of a captured screen, the detector gets the whole image; else the policy decides."""
    dataset = Dataset()
    setattr(dataset, keyword, value)
    assert _wary(RULES, dataset).policy.pixels.glance == (0 if whole else Policy().pixels.glance)

"""German, French and Spanish: which language a report is in, and what in it identifies a person by its rules.

English has its rules in `names`, `patterns` and `places` of `curate.text`. Vocabularies are data (data/de, fr, es).
"""

SUPPORTED = ("en", "de", "fr", "es")

"""Self-contained pages: no script, no request, one inline stylesheet, and every string escaped and visible."""

import hashlib
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from curate.compliance.words import Words

# Controls, formats (bidirectional overrides, zero widths), surrogates, private use and unassigned code points.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def render(template: str, words: Words, **facts: Any) -> str:
    """Fill a template of curate/compliance/templates; a fact that it asks for and does not get is an error."""
    return environment(words).get_template(template).render(**facts)


def visible(text: str) -> str:
    """Show characters that hide or reorder others, such as U+202E, by their number."""
    return "".join(f"[U+{ord(each):04X}]" if unicodedata.category(each) in _HIDDEN else each for each in text)


def breakable(name: str) -> Markup:
    """A name of a field, escaped, that may be broken after its separators."""
    safe = escape(visible(name))
    for separator in "_.":
        safe = safe.replace(separator, Markup(f"{separator}<wbr>"))  # noqa: S704  two characters of ours
    return safe


@cache
def environment(words: Words) -> Environment:
    """The templates, speaking one language: `{% trans %}` and `_()` give the words for the English that they hold."""
    made = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=PackageLoader("curate.compliance"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style = (files(__package__) / "templates" / "style.css").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # Content Security Policy Level 3, 2.3.1: a hash allows this stylesheet and no other.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    made.globals |= {"style": Markup(style), "policy": policy}  # noqa: S704  our own file, not a value
    made.globals |= {"gettext": _speaker(words), "_": _speaker(words), "language": words.language}
    made.globals |= _of_review(digest)
    made.filters |= {"grouped": words.number, "percent": words.percent, "check": words.check, "breakable": breakable}
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    return made


def _speaker(words: Words) -> Callable[..., Markup]:
    """What says the words of a template; the values in them are made visible and escaped."""

    def say(english: str, **values: Any) -> Markup:
        shown = {name: _finalize(value) for name, value in values.items()}
        return Markup(words.page(english)) % shown  # noqa: S704  our own words

    return say


def _of_review(style_digest: str) -> dict[str, str]:
    """What the page of a review may do beside: show images of its own server, post verdicts there, listen to keys."""
    script = (files(__package__) / "templates" / "review.js").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    sources = f"style-src 'sha256-{style_digest}'; script-src 'sha256-{digest}'; img-src 'self'; form-action 'self'"
    return {"review_policy": f"default-src 'none'; base-uri 'none'; {sources}", "review_script": Markup(script)}  # noqa: S704


def _finalize(value: Any) -> Any:
    """Make every string that a template writes visible; Jinja2 escapes it afterwards."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

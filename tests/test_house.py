"""The house rules that no linter knows: sizes, names, documents, and nothing of the machine that wrote it."""

import ast
import re
import statistics
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from curate.errors import Problem, Reason

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("curate", "flows") for path in (ROOT / folder).rglob("*.py"))
NOT_OURS = frozenset({".git", ".venv", ".hypothesis", "__pycache__", "build", "demo", "dist", "node_modules"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    """Return a path as it stands in the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions() -> Iterator[tuple[str, Function]]:
    """Return every function of the source with the place where it stands."""
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, Function):
                yield f"{name(path)}:{node.lineno} {node.name}", node


def public(node: ast.Module | ast.ClassDef) -> Iterator[ast.AST]:
    """Return the public functions and classes of a module, and the public methods of those classes."""
    for each in node.body:
        if isinstance(each, Function | ast.ClassDef) and not each.name.startswith("_"):
            yield each
            if isinstance(each, ast.ClassDef):
                yield from public(each)


def tracked() -> Iterator[Path]:
    """Return the text files of the repository: everything but what tools make."""
    top = [path for path in ROOT.iterdir() if path.name not in NOT_OURS and not path.name.endswith("_cache")]
    for path in sorted(top):
        inside = [path] if path.is_file() else path.rglob("*")
        yield from (each for each in inside if each.is_file() and not NOT_OURS & set(each.relative_to(ROOT).parts))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_public_name_says_what_it_is(path: Path) -> None:
    """Each module, and each public class, function and method in it, has a docstring."""
    module = tree(path)
    assert ast.get_docstring(module), "the module has no docstring"
    silent = [
        each.name
        for each in public(module)
        if isinstance(each, Function | ast.ClassDef) and not ast.get_docstring(each)
    ]
    assert silent == []


def test_functions_are_small() -> None:
    """Half of all functions have at most 10 lines, 95 in a hundred at most 35."""
    sizes = sorted((node.end_lineno or 0) - node.lineno + 1 for _, node in functions())
    assert statistics.median(sizes) <= 10
    assert sizes[int(len(sizes) * 0.95)] <= 35


def test_modules_are_small() -> None:
    """A module that passes about 300 lines is split."""
    long = {
        name(path): length for path in SOURCES if (length := len(path.read_text(encoding="utf-8").splitlines())) > 330
    }
    assert long == {}


@pytest.mark.parametrize("kind", [Reason, Problem])
def test_every_coded_reason_is_given_somewhere(kind: type[Reason] | type[Problem]) -> None:
    """A reason that nothing gives would promise a check that is not made."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES if path.name != "errors.py")
    used = set(re.findall(rf"\b{kind.__name__}\.([A-Z_]+)\b", texts))
    assert sorted(set(kind.__members__) - used) == []


def test_no_identifier_bears_a_banned_word() -> None:
    """We de-identify and make surrogates; we promise nothing more, and nothing here is false."""
    banned = re.compile("anonymi[sz]|fake", re.IGNORECASE)
    words = [
        f"{name(path)}: {word}"
        for path in SOURCES
        for node in ast.walk(tree(path))
        for field in ("name", "id", "arg", "attr")
        if isinstance(word := getattr(node, field, None), str) and banned.search(word)
    ]
    assert words == []


def test_modules_are_nouns_of_the_field() -> None:
    """A drawer for everything has no place here."""
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc", "tools"}
    assert [name(path) for path in SOURCES if drawers & {path.stem, path.parent.name}] == []


# One letter of each in brackets, so that this file does not find itself.
MACHINE = re.compile(
    r"/[w]ork/|/[f]arm/|/[r]oot/|/[h]ome/[a-z]|/opt/[w]heels|https?://\S*/[s]imple|files\.[p]ythonhosted"
    r"|--(extra-)?[i]ndex-url|--[f]ind-links"
)


def test_nothing_speaks_of_the_machine_that_wrote_it() -> None:
    """No path of a machine and no address of a registry: the project is the same everywhere."""
    hits = []
    for path in tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        hits += [f"{name(path)}:{number}" for number, line in enumerate(lines, start=1) if MACHINE.search(line)]
    assert hits == []


def test_every_dependency_is_pinned_by_name_and_version_alone() -> None:
    """The constraints cover what pyproject.toml asks for, and hold no address and no path."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][\w.+]*( ; [\w .<>='!()-]+)?", line)] == []
    pinned = {line.split("==")[0] for line in lines}
    assert sorted({re.split(r"[<>=!~\[ ]", each)[0].lower() for each in asked} - pinned) == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=name)
def test_a_decision_is_one_page_of_four_sections(path: Path) -> None:
    """Context, decision, consequences, alternatives; numbered, and short enough to be read."""
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {path.name[:4]} \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "Alternatives"]
    assert len(text.split()) <= 600


@pytest.mark.parametrize("kind", ["schemas", "expectations"])
def test_every_contract_is_named_in_its_readme(kind: str) -> None:
    """Whoever opens the folder finds each file explained."""
    readme = (ROOT / kind / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted((ROOT / kind).glob("*.json")) if f"`{path.name}`" not in readme] == []


def test_the_deployment_names_a_flow_and_parameters_that_exist() -> None:
    """A wrong entry point would be found only on the night it is due."""
    text = (ROOT / "prefect.yaml").read_text(encoding="utf-8")
    (place, flow) = re.search(r"entrypoint: (\S+):(\w+)", text).groups()  # type: ignore[union-attr]
    defined = {node.name: node for node in tree(ROOT / place).body if isinstance(node, Function)}
    block = re.search(r"^    parameters:\n((?:      .*\n)+)", text, re.MULTILINE)
    assert block, "the deployment has no parameters"
    parameters = set(re.findall(r"^      (\w+):", block[1], re.MULTILINE))
    assert {"workspace", "release"} <= parameters <= {each.arg for each in defined[flow].args.args}


def test_every_test_says_what_behaviour_it_holds() -> None:
    """Each test has a docstring; its first line is what a reader of a failure sees first."""
    silent = [
        f"{name(path)}:{node.lineno}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(tree(path))
        if isinstance(node, Function) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []

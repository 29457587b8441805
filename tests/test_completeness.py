"""Every X has a Y: what exists has a page, an entry, samples and cases, without anybody having to remember."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from tests.conformance.engines import GAPS
from tests.test_docs import ROOT, headings, links
from tools.pages import compatibility, diagnostics, differences, lints, log_types
from tools.pages.markdown import anchor
from windshear.cli.commands import COMMANDS, GROUPS
from windshear.conformance.cases import read_cases
from windshear.language.diagnostics import checks, queries
from windshear.language.diagnostics.catalogue import all_mistakes
from windshear.language.diagnostics.diagnostic import Mistake
from windshear.language.functions import catalogue
from windshear.language.lint.catalogue import all_lints
from windshear.language.lint.lint import Lint
from windshear.language.metrics import AGGREGATES as PERIOD_AGGREGATES
from windshear.language.metrics import METRIC_NAMES, METRICS
from windshear.logs.catalogue import log_types as names_of_log_types
from windshear.packs.pack import ContentRule, builtin_packs

REFERENCE = ROOT / "docs" / "reference"
SAMPLES = ROOT / "tests" / "logs"
DECISIONS = ROOT / "docs" / "decisions"
FRAGMENTS = ROOT / "changelog.d"
METRIC_CASES = (ROOT / "tests" / "conformance" / "metrics.md").read_text(encoding="utf-8")

# Functions that cannot show a call with its value, each with the reason.
WITHOUT_EXAMPLES = {
    "arrays.length": "takes a field, and an example has no event",
    "math.random": "has another value for every event",
    "timestamp.current_seconds": "has another value in every run",
    "timestamp.now": "has another value in every run",
}
RULES = [rule for pack in builtin_packs() for rule in (*pack.rules, *pack.comparison)]
LOG_TYPES = pytest.mark.parametrize("log_type", names_of_log_types())


COMMAND_NAMES = [
    *COMMANDS,
    *(f"{group} {name}" for group, (_, lines) in GROUPS.items() for name in lines),
]


@pytest.mark.parametrize("command", COMMAND_NAMES)
def test_command_has_an_entry(command: str) -> None:
    """Every command stands on the page of commands."""
    assert anchor(command) in headings(REFERENCE / "commands.md")


@pytest.mark.parametrize("mistake", all_mistakes(), ids=lambda mistake: mistake.slug)
def test_diagnostic_has_an_entry(mistake: Mistake) -> None:
    """Every mistake stands on the page of diagnostics and is explained in a sentence."""
    assert anchor(diagnostics.heading(mistake)) in headings(REFERENCE / "diagnostics.md")
    assert mistake.explanation.endswith((".", "`."))


def test_every_diagnostic_has_a_golden_case() -> None:
    """For every mistake some case holds the very text that a person sees, with the place underlined."""
    cases = [path for kind in ("yaral", "udm") for path in (ROOT / "tests").rglob(f"*.{kind}")]
    shown = "".join(path.read_text(encoding="utf-8") for path in cases)
    titles = (f"{mistake.severity}[{mistake.code}] {mistake.slug}: " for mistake in all_mistakes())
    assert [title for title in titles if title not in shown] == []


def test_codes_and_slugs_are_unique() -> None:
    """No two mistakes share a code or a name."""
    mistakes = all_mistakes()
    assert len({mistake.code for mistake in mistakes}) == len(mistakes)
    assert len({mistake.slug for mistake in mistakes}) == len(mistakes)


@pytest.mark.parametrize("lint", all_lints(), ids=lambda lint: lint.name)
def test_lint_has_an_entry(lint: Lint) -> None:
    """Every lint stands on the page of lints with its reason."""
    assert anchor(lints.heading(lint)) in headings(REFERENCE / "lints.md")
    assert lint.why in (REFERENCE / "lints.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", catalogue.names())
def test_function_has_an_entry_and_two_examples(name: str) -> None:
    """Every function stands on the page of functions with two examples, or with a reason for having none."""
    assert anchor(name) in headings(REFERENCE / "functions.md")
    assert (len(catalogue.lookup(name).examples) >= 2) != (name in WITHOUT_EXAMPLES)


@LOG_TYPES
def test_log_type_has_a_page(log_type: str) -> None:
    """Every log type has a page of its own, and the index leads there."""
    assert (ROOT / "docs" / log_types.page_path(log_type)).is_file()
    assert f"log-types/{log_type.lower()}.md" in links(REFERENCE / "log-types.md")


@LOG_TYPES
def test_log_type_has_samples_and_a_broken_one(log_type: str) -> None:
    """Every log type has two good samples, a note of where they are from, and records that end in quarantine."""
    folder = SAMPLES / log_type.lower()
    samples = {path.name for path in folder.glob("*.json*") if not path.name.endswith(".expected.json")}
    assert len([name for name in samples if not name.startswith("broken.")]) >= 2
    assert (folder / "README.md").is_file()
    broken = json.loads((folder / "broken.expected.json").read_text(encoding="utf-8"))
    assert broken["quarantined"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_content_rule_has_an_entry(rule: ContentRule) -> None:
    """Every built-in rule stands on the page of rules, which leads to its guide."""
    assert anchor(rule.name) in headings(REFERENCE / "content.md")
    guide = rule.guide.relative_to(ROOT).as_posix()
    assert f"../../{guide}" in links(REFERENCE / "content.md")


def test_extensions_are_held_by_cases() -> None:
    """Every conformance case that the list of extensions names exists."""
    files = [read_cases(path.name, path.read_text("utf-8")) for path in (ROOT / "tests" / "conformance").glob("*.md")]
    known = {case.id for file in files for case in file.cases}
    assert {case for extension in differences.EXTENSIONS for case in extension.cases} - known == set()


def test_every_extension_of_compat_mode_is_named() -> None:
    """Each function of the checker that tells the modes apart reports one of the extensions that the page lists."""
    named = {extension.mistake for extension in differences.EXTENSIONS}
    for path in sorted((ROOT / "src" / "windshear" / "language" / "check").rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and any(map(_is_mode, _read(function))):
                reported = {lookup_by_constant(node) for node in _read(function)}
                assert reported & named, f"{path.name}: {function.name}"


def _read(function: ast.FunctionDef) -> list[ast.Attribute]:
    """Return the attributes that a function's body reads."""
    return [node for part in function.body for node in ast.walk(part) if isinstance(node, ast.Attribute)]


def _is_mode(node: ast.Attribute) -> bool:
    return ast.unparse(node) in ("Mode.STRICT", "Mode.COMPAT")


def lookup_by_constant(node: ast.Attribute) -> Mistake | None:
    """Return the mistake that an attribute such as `checks.BARE_MATCH_KEY` is, if it is one."""
    module = {"checks": checks, "queries": queries}.get(ast.unparse(node.value))
    found = getattr(module, node.attr, None)
    return found if isinstance(found, Mistake) else None


def test_compile_errors_have_diagnostics() -> None:
    """Each compile error of the language is reported by a diagnostic, and each diagnostic's class is one of them."""
    references = {mistake.reference for mistake in all_mistakes()} - {""}
    assert references == set(differences.COMPILE_ERRORS)


def test_gaps_of_the_engine_are_admitted() -> None:
    """What conformance cases skip on the engine is on the list of what is refused."""
    refused = compatibility.refused_by_engine()
    assert len(refused) >= len(set(GAPS.values()))
    assert set(GAPS.values()) - set(refused) == set()


def test_refused_features_are_found() -> None:
    """The page reads what is refused out of the code; a reader that finds nothing would say that all is well."""
    source = 'scope.unsupported.append((f"the order of `{node.name}`", node.span))'
    assert compatibility.unsupported(source) == ["the order of `name`"]


def test_decisions_are_listed() -> None:
    """Every decision is in the table of its folder, with a number of its own and what was rejected."""
    pages = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")
    assert [path.name[:4] for path in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    assert {path.name for path in pages} == {link for link in links(DECISIONS / "README.md") if link[0].isdigit()}
    assert [path.name for path in pages if "**Rejected.**" not in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("path", sorted(FRAGMENTS.glob("*.md")), ids=lambda path: path.name)
def test_news_fragment_is_named_and_short(path: Path) -> None:
    """A fragment says its kind in its name and is one or two plain sentences."""
    if path.name != "README.md":
        assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|deprecated|removed|fixed|security)\.md", path.name)
        text = path.read_text(encoding="utf-8").strip()
        assert text.endswith(".")
        assert not text.startswith(("#", "*", "-"))
        assert len(re.split(r"[.!?](?:\s|$)", text)) <= 4


@pytest.mark.parametrize("name", METRICS)
def test_metric_is_documented_and_has_a_case(name: str) -> None:
    """Every metric stands on the page of functions, and a conformance case reads it."""
    assert f"| `{name}` |" in (REFERENCE / "functions.md").read_text(encoding="utf-8")
    assert f"metrics.{name}(" in METRIC_CASES


@pytest.mark.parametrize("word", [*METRIC_NAMES, *PERIOD_AGGREGATES])
def test_word_of_metrics_has_a_case(word: str) -> None:
    """Every `metric` and every `agg` is used by a conformance case."""
    assert f": {word}," in METRIC_CASES

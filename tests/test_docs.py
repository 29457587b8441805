"""The documentation: generated pages are fresh, links lead somewhere, and what is shown as run was run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import docs
from tools.pages.markdown import anchor
from tools.pages.markdown import page as made_page
from tools.pages.running import prepared, run_page
from windshear.language.check.scope import Mode
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.logs.parser import LogParser
from windshear.logs.statement import all_columns, compile_statement

ROOT = Path(__file__).parent.parent
HOWTO = ROOT / "docs" / "howto"
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")),
]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_QUOTED = re.compile(r"From\s+`([^`]+)`:\n\n```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def name_of(page: Path) -> str:
    """Return a page's path below the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of a page that are marked as one language."""
    return [text for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def headings(page: Path) -> set[str]:
    """Return the addresses of a page's headings."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    return {anchor(line.lstrip("#").strip().replace("`", "")) for line in text.splitlines() if line.startswith("#")}


def links(page: Path) -> list[str]:
    """Return the links of a page that lead to other files or places of the repository."""
    found = _LINK.findall(re.sub(r"`[^`\n]*`", "", _BLOCK.sub("", page.read_text(encoding="utf-8"))))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def test_stale_and_orphaned_pages_are_named(tmp_path: Path) -> None:
    """A changed page, a missing page and a page that nothing makes any more are found, and mended."""
    wanted = {f"reference/{name}.md": made_page(name.title(), name) for name in ("kept", "changed", "missing")}
    docs.write_pages(wanted, tmp_path)
    (tmp_path / "reference" / "changed.md").write_text("old")
    (tmp_path / "reference" / "missing.md").unlink()
    (tmp_path / "reference" / "gone.md").write_text(made_page("Gone"))
    (tmp_path / "reference" / "own.md").write_text("# Written by hand\n")
    stale = ["reference/changed.md", "reference/missing.md", "reference/gone.md"]
    assert docs.stale_pages(wanted, tmp_path) == stale
    assert docs.write_pages(wanted, tmp_path) == stale
    assert docs.stale_pages(wanted, tmp_path) == []
    assert (tmp_path / "reference" / "own.md").exists()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file or heading of the repository finds it."""
    broken = []
    for link in links(page):
        path, _, place = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (place and place not in headings(target)):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_reached() -> None:
    """Each page of the documentation is found by following links from its index."""
    index = ROOT / "docs" / "README.md"
    seen: set[Path] = set()
    ahead = [index]
    while ahead:
        page = ahead.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        ahead += [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
    assert [name_of(page) for page in (ROOT / "docs").rglob("*.md") if page not in seen] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "explanation").glob("*.md")), ids=name_of)
def test_rules_in_explanations_are_valid(page: Path) -> None:
    """A rule that is shown would be taken by the service."""
    for text in blocks(page, "yaral"):
        assert [d.message for d in compile_source(Source(page.name, text), Mode.STRICT).diagnostics if d.is_error] == []


@pytest.mark.parametrize("page", [page for page in sorted(HOWTO.glob("*.md")) if blocks(page, "console")], ids=name_of)
def test_commands_do_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    """Commands run in their order, on the files that the page tells to save, and print what it shows."""
    assert [*run_page(page, tmp_path, prepared(tmp_path))] == []


@pytest.mark.parametrize("page", sorted(HOWTO.glob("*.md")), ids=name_of)
def test_quoted_code_stands_in_its_file(page: Path) -> None:
    """Code that a page quotes from a file is in that file, letter by letter."""
    for name, text in _QUOTED.findall(page.read_text(encoding="utf-8")):
        assert text.strip() in (ROOT / name).read_text(encoding="utf-8"), name


def test_example_of_a_log_type_compiles() -> None:
    """The declaration in the guide compiles in both of its shapes and recognises the record shown."""
    (text,) = blocks(HOWTO / "add-a-log-type.md", "python")
    names: dict[str, object] = {}
    exec(compile(text, "add-a-log-type.md", "exec"), names)  # noqa: S102 - code of our own page
    parser = names["PARSER"]
    assert isinstance(parser, LogParser)
    columns = all_columns(parser)
    for shape in parser.shapes:
        assert set(compile_statement(parser, shape, columns).filled.columns) <= set(columns)

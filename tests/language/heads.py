"""Cases whose head, the comment lines at their top, is the exact text that a person sees of their mistakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def split_head(text: str) -> tuple[str, str]:
    """Return the comment lines at the top of a case, and the rest."""
    lines = text.splitlines(keepends=True)
    size = next((number for number, line in enumerate(lines) if not line.startswith("//")), len(lines))
    return "".join(lines[:size]), "".join(lines[size:])


def assert_head(path: Path, said: Callable[[str, str], str], *, is_golden: bool) -> None:
    """Assert that the head of a case is what `said` returns for its name and text; is_golden: write it so."""
    head, body = split_head(path.read_text(encoding="utf-8"))
    found = _head(said(path.name, head + body))
    if is_golden:
        while found != head:  # the lines of the case move with the length of the head
            head, found = found, _head(said(path.name, found + body))
        path.write_text(head + body, encoding="utf-8")
    assert found == head


def _head(said: str) -> str:
    return "".join(f"// {line}".rstrip() + "\n" for line in (said or "no mistakes").splitlines())

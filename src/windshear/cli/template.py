"""The files of a new rule repository, from the templates that come with Windshear."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from windshear.core.errors import InputError

_DOT = "dot-"  # begins the names of files and folders that are to begin with a dot


def write_template(folder: Path) -> tuple[list[Path], list[Path]]:
    """Write the files of a rule repository; return those written and those that were there and are kept."""
    written: list[Path] = []
    kept: list[Path] = []
    for relative, text in template_files():
        target = folder / relative
        if target.exists():
            kept.append(target)
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise InputError(f"cannot write `{target}`: {error.strerror}") from error
        written.append(target)
    return written, kept


def template_files() -> Iterator[tuple[Path, str]]:
    """Yield where each file of a rule repository goes, and its text."""
    root = Path(str(files("windshear") / "templates" / "rule_repository"))
    for path in sorted(root.rglob("*")):
        if path.is_file():
            names = [
                f".{name.removeprefix(_DOT)}" if name.startswith(_DOT) else name
                for name in path.relative_to(root).parts
            ]
            text = path.read_text(encoding="utf-8").replace("{version}", version("windshear"))
            yield Path(*names), text

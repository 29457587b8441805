"""The guides that come with rules and packs: a rule's README in parts, and the steps for each cloud.

A rule's guide has paragraphs that begin with a bold word (`**Behaviour.**`), and the sections `## Investigate` and
`## Respond`; the latter names the guides of the pack that apply (`See guides: entra, aws.`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from windshear.core.errors import InputError
from windshear.packs.pack import GUIDE_FILE, RULE_FOLDERS, content_folder

_HEADING = re.compile(r"^(#{1,2}) (.+)$")
_PARAGRAPH = re.compile(r"^\*\*([A-Z][a-z ]+)\.\*\* ?", re.MULTILINE)
_SEE = re.compile(r"^See guides?: (.+?)\.?$", re.MULTILINE)
_GUIDES = "guides"


@dataclass(frozen=True, slots=True)
class Guide:
    """The guide of a rule. parts: paragraphs by their bold word, in lower case. clouds: names of the pack's guides."""

    title: str
    parts: Mapping[str, str]
    investigate: str
    respond: str
    clouds: tuple[str, ...]
    folder: Path  # where the guides of the pack stand


def guides_of(paths: Iterable[Path]) -> dict[str, Guide]:
    """Return the guides of the rules in some folders, and of the built-in ones, by the rule's name."""
    folders = [*(path if path.is_dir() else path.parent for path in paths), content_folder()]
    files = [
        file for folder in folders for file in sorted(folder.rglob(GUIDE_FILE)) if list(file.parent.glob("*.yaral"))
    ]
    return {file.parent.name: read_guide(file) for file in reversed(files)}


def read_guide(file: Path) -> Guide:
    """Read the README of a rule."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the guide `{file}`: {error}") from error
    sections = dict(_sections(text))
    title, intro = next(((name[2:], body) for name, body in sections.items() if name.startswith("# ")), ("", ""))
    respond = sections.get("## Respond", "")
    see = _SEE.search(respond)
    return Guide(
        title=title or file.parent.name,
        parts=dict(_paragraphs(intro)),
        investigate=sections.get("## Investigate", ""),
        respond=_SEE.sub("", respond).strip(),
        clouds=tuple(name.strip() for name in see[1].split(",")) if see else (),
        folder=_pack_folder(file) / _GUIDES,
    )


def cloud_guide(guide: Guide, cloud: str) -> str:
    """Return the steps of a pack for one cloud; `InputError` if there are none."""
    file = guide.folder / f"respond-{cloud}.md"
    if not re.fullmatch("[a-z0-9-]+", cloud) or not file.is_file():
        raise InputError(f"the guide `{guide.title}` names the guide `{cloud}`, but there is no `{file}`")
    return file.read_text(encoding="utf-8")


def _pack_folder(file: Path) -> Path:
    return next((parent.parent for parent in file.parents if parent.name in RULE_FOLDERS), file.parent)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield headings with their marks, and what stands below each; headings within code blocks are none."""
    heading, lines, in_code = "", list[str](), False
    for line in text.splitlines():
        in_code ^= line.lstrip().startswith("```")
        if not in_code and _HEADING.match(line):
            yield heading, "\n".join(lines).strip()
            heading, lines = line.strip(), []
        else:
            lines.append(line)
    yield heading, "\n".join(lines).strip()


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    marks = list(_PARAGRAPH.finditer(text))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        yield mark[1].lower(), text[mark.end() : following.start() if following else len(text)].strip()

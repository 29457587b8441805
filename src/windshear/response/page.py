"""Reports as one HTML file that needs nothing else: no script, no font, no address that is fetched.

The text is Markdown without HTML in it, so nothing that a log holds can become markup; a policy in the page forbids
scripts and every connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from markdown_it import MarkdownIt


@dataclass(frozen=True, slots=True)
class Section:
    """One report: its heading, its text as Markdown, and a drawing as SVG that stands before the first `##`."""

    title: str
    text: str
    drawing: str
    severity: str


def page(title: str, sections: Sequence[Section]) -> str:
    """Return the page of some reports, with a list of them if there are several."""
    style = (files("windshear.response") / "page.css").read_text(encoding="utf-8")
    listed = "".join(
        f'<li class="{escape(section.severity)}"><a href="#r{number}">{escape(section.title)}</a></li>'
        for number, section in enumerate(sections, start=1)
    )
    articles = "\n".join(
        f'<article id="r{number}" class="{escape(section.severity)}">{_article(section)}</article>'
        for number, section in enumerate(sections, start=1)
    )
    contents = f"<nav><h1>{escape(title)}</h1><ol>{listed}</ol></nav>" if len(sections) > 1 else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>\n<body>{contents}\n{articles}\n</body></html>\n"
    )


def _article(section: Section) -> str:
    head, mark, rest = section.text.partition("\n## ")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    body = str(markdown.render(head)) + section.drawing
    return body + (str(markdown.render(mark.lstrip("\n") + rest)) if mark else "")

"""Guides with values in them: what hostile values can and cannot do."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from windshear.response.filling import code, filled, quoted

VALUES = {"ip": ["203.0.113.7", "203.0.113.8"], "person_id": ["ann@corp.example"], "odd": ["a`b|c\n# d"], "none": []}


def values(name: str) -> list[str]:
    """Return the values of a made-up detection."""
    return VALUES.get(name, [])


@pytest.mark.parametrize(
    ("guide", "expected"),
    [
        ("Ask {{person_id}}.", "Ask `ann@corp.example`."),
        ("Ask `{{ person_id }}`.", "Ask `ann@corp.example`."),
        ("From {{ip}}", "From `203.0.113.7`, `203.0.113.8`"),
        ("From {{none}} and {{nothing}}", "From *not known* and *not known*"),
        ("Saw {{odd}}", "Saw `` a`b¦c�# d ``"),
        (
            "```sh\nwindshear search 'ip = \"{{ip}}\"' logs/\n```",
            "```sh\nwindshear search 'ip = \"203.0.113.7\"' logs/\nwindshear search 'ip = \"203.0.113.8\"' logs/\n```",
        ),
        (
            "  ```sh\n  search '{{person_id}} {{ip}}'\n  ```",
            "  ```sh\n  search 'ann@corp.example 203.0.113.7'\n  search 'ann@corp.example 203.0.113.8'\n  ```",
        ),
        ("```sh\nsearch '{{none}}'\n```", "```sh\n# search '…'   (none: not known)\n```"),
        ("```sh\nno place\n```\n{{person_id}}", "```sh\nno place\n```\n`ann@corp.example`"),
        ("{{ not closed }", "{{ not closed }"),
    ],
)
def test_guide_filled_in(guide: str, expected: str) -> None:
    """Prose gets code spans, commands get one line for each value, and what is not known is said."""
    assert filled(guide, values) == expected


def test_many_values_are_counted() -> None:
    """A guide stays readable however many values there are."""
    many = [f"192.0.2.{number}" for number in range(9)]
    assert filled("{{ip}}", lambda _: many).endswith("`192.0.2.4` and 4 more")
    assert filled("```\n{{ip}}\n```", lambda _: many).count("\n") == 6


@given(st.text())
def test_command_stays_one_argument(value: str) -> None:
    """Whatever a log holds, the shell sees one argument, and within it the query's text ends where it should."""
    line = filled("```sh\nwindshear search 'x = \"{{v}}\"' logs/\n```", lambda _: [value]).splitlines()[1]
    words = shlex.split(line)
    assert words[:2] == ["windshear", "search"]
    assert words[3:] == ["logs/"]
    inside = words[2].removeprefix('x = "').removesuffix('"')
    assert '"' not in inside.replace("\\\\", "").replace('\\"', "")
    assert quoted(value).isprintable()


@given(st.text(min_size=1))
def test_code_span_holds_the_whole_value(value: str) -> None:
    """Nothing of a value is read as Markdown."""
    html = MarkdownIt("commonmark", {"html": False}).render(f"before {code(value)} after")
    assert html.startswith("<p>before <code>")
    assert html.endswith("</code> after</p>\n")
    assert html.count("<") == 4

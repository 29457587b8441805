"""Rendering: what a person sees, and what a program gets."""

from textwrap import dedent

from windshear.language.diagnostics.diagnostic import Diagnostic, Label, Mistake, Suggestion
from windshear.language.diagnostics.render import render_text, sort_diagnostics, summarize, to_json
from windshear.language.source import Source, Span

ERROR = Mistake("E999", "some-error", "error", "C1", "")
WARNING = Mistake("W999", "some-warning", "warning", "", "")
NOTE = Mistake("N999", "some-note", "note", "", "")
EXPLAINED = Mistake("E998", "explained", "error", "C1", "Numbers have " + "digits " * 14 + "and no letters.")


def at(text: str, piece: str, occurrence: int = 1) -> Span:
    """Return the place of a piece of the text."""
    start = -1
    for _ in range(occurrence):
        start = text.index(piece, start + 1)
    return Span(start, start + len(piece))


def rendered(text: str, *diagnostics: Diagnostic) -> str:
    """Render diagnostics of a file named `rule.yaral`."""
    return render_text(Source("rule.yaral", text), diagnostics)


def expected(text: str) -> str:
    """Return an expected text without the indentation it has in the test."""
    return dedent(text).lstrip("\n")


def test_one_diagnostic() -> None:
    """Message, place, line, underline with label, and help."""
    text = "one\n  two three\n"
    found = Diagnostic(ERROR, "`three` is not a number", at(text, "three"), label="here", help="did you mean `3`?")
    assert rendered(text, found) == expected(
        """
        error[E999] some-error: `three` is not a number
         --> rule.yaral:2:7
         2 |   two three
           |       ^^^^^ here
           = help: did you mean `3`?
        """
    )


def test_explanation_helps_where_nothing_better_does() -> None:
    """Without advice for this very place the kind of mistake explains itself, wrapped."""
    text = "one two\n"
    found = Diagnostic(EXPLAINED, "`two` is not a number", at(text, "two"))
    assert rendered(text, found).endswith(
        f"   = help: Numbers have {'digits ' * 12}".rstrip() + f"\n{' ' * 11}digits digits and no letters.\n"
    )
    assert to_json(Source("rule.yaral", text), found)["help"] == EXPLAINED.explanation


def test_labels_on_other_lines_stand_in_order() -> None:
    """Secondary places are underlined with dashes, in the order of the text; a gap is marked."""
    text = "\n".join(f"line {number}" for number in range(1, 12))
    found = Diagnostic(
        WARNING,
        "message",
        at(text, "line 10"),
        labels=(Label(at(text, "line 11"), "below"), Label(at(text, "line 2"), "above")),
    )
    assert rendered(text, found) == expected(
        """
        warning[W999] some-warning: message
          --> rule.yaral:10:1
          2 | line 2
            | ------ above
            :
         10 | line 10
            | ^^^^^^^
         11 | line 11
            | ------- below
        """
    )


def test_tabs_and_wide_characters_are_measured() -> None:
    """The underline stands below its text although a tab, a wide and a combining character come before it."""
    text = "\t漢e\u0301 = x"
    assert rendered(text, Diagnostic(ERROR, "m", at(text, "x"))) == expected(
        """
        error[E999] some-error: m
         --> rule.yaral:1:8
         1 |     漢e\u0301 = x
           |           ^
        """
    )


def test_place_over_several_lines() -> None:
    """Of a place that spans lines, the part on its first line is underlined."""
    text = "a (b\nc)"
    assert rendered(text, Diagnostic(ERROR, "m", Span(2, 7))).splitlines()[-1] == "   |   ^^"


def test_empty_place_still_shows() -> None:
    """A place without width, such as the end of the file, gets one sign."""
    assert rendered("a", Diagnostic(ERROR, "m", Span(1, 1))).splitlines()[-2:] == [" 1 | a", "   |  ^"]


def test_long_lines_are_cut() -> None:
    """Of a very long line only the surroundings of the mistake are shown."""
    text = "a" * 5000 + "!" + "b" * 5000
    lines = rendered(text, Diagnostic(ERROR, "m", at(text, "!"))).splitlines()
    assert max(map(len, lines)) < 200
    assert lines[2].index("!") == lines[3].index("^")


def test_control_characters_do_not_reach_the_terminal() -> None:
    """Escape sequences in the text, the message and the name of the file are made visible instead of sent."""
    text = "a\x1b[31m\u202eb"
    source = Source("na\x1bme", text)
    shown = render_text(source, [Diagnostic(ERROR, "the \x1b[2J", Span(0, 1), label="\r", help="\x07")])
    assert shown.replace("\n", "").isprintable()


def test_suggestion_without_help() -> None:
    """A patch without a line of help makes one; a patch that only removes says so."""
    text = "a b"
    replaced = Diagnostic(ERROR, "m", Span(0, 1), suggestion=Suggestion(Span(0, 1), "x"))
    removed = Diagnostic(ERROR, "m", Span(0, 1), suggestion=Suggestion(Span(0, 1), ""))
    assert "= help: did you mean `x`?" in rendered(text, replaced)
    assert "= help: remove it" in rendered(text, removed)


def test_colours_only_on_request() -> None:
    """Colours are escape sequences around the same text."""
    source = Source("rule.yaral", "a")
    found = [Diagnostic(NOTE, "m", Span(0, 1))]
    plain, coloured = render_text(source, found), render_text(source, found, color=True)
    assert "\x1b" not in plain
    assert coloured.startswith("\x1b[1;36mnote[N999] some-note\x1b[0m: m\n")


def test_order_and_duplicates() -> None:
    """Diagnostics come in the order of the text, and the same one only once."""
    first, second = Diagnostic(ERROR, "m", Span(1, 2)), Diagnostic(WARNING, "m", Span(3, 4))
    assert sort_diagnostics([second, first, second, first]) == (first, second)


def test_summary() -> None:
    """The counts are named in words, with plurals, and what is zero is left out."""
    error, warning = Diagnostic(ERROR, "m", Span(0, 1)), Diagnostic(WARNING, "m", Span(0, 1))
    assert summarize([error, error, warning], 1) == "2 errors, 1 warning in 1 file"
    assert summarize([], 2) == "no mistakes in 2 files"


def test_json() -> None:
    """A program gets message, position and severity as the service gives them, and ours beside."""
    source = Source("rule.yaral", "one\ntwo")
    found = Diagnostic(ERROR, "message", Span(4, 7), help="help", suggestion=Suggestion(Span(4, 5), "x"))
    position = {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 4}
    assert to_json(source, found) == {
        "code": "E999",
        "slug": "some-error",
        "severity": "ERROR",
        "reference": "C1",
        "message": "message",
        "uri": "rule.yaral",
        "position": position,
        "help": "help",
        "suggestion": {"position": {**position, "endColumn": 2}, "replacement": "x"},
    }


def test_json_without_suggestion() -> None:
    """The suggestion is null if there is none."""
    assert to_json(Source("rule.yaral", "one"), Diagnostic(WARNING, "m", Span(0, 3)))["suggestion"] is None

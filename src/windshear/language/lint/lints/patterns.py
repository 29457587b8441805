"""Regular expressions: slower, wider or narrower than they look."""

from __future__ import annotations

import re
from collections.abc import Iterator

from windshear.language import expressions as ex
from windshear.language.lint.examples import with_test
from windshear.language.lint.lint import Edit, Finding, Lint
from windshear.language.lint.regexes import Piece, alternatives, pieces, plain_text
from windshear.language.lint.subject import PatternUse, Subject
from windshear.language.source import Span
from windshear.language.syntax import tree

_INLINE_CASE = re.compile(r"\(\?i\)")
_ADDRESS = re.compile(r"\^?\(?(?:\?:)?\d{1,3}(?:\\?\.\d{1,3})+")
_EXTENSIONS = frozenset(
    (
        *("exe", "dll", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta", "msi", "scr", "lnk", "sys"),
        *("tmp", "zip", "rar", "docm", "xlsm", "com", "net", "org", "io"),
    )
)
_WORD = re.compile(r"[A-Za-z0-9]+")


def _wildcard_edge(subject: Subject) -> Iterator[Finding]:
    for use in subject.patterns:
        trimmed = without_edges(use.match.pattern)
        if trimmed and trimmed != use.match.pattern:
            fix = _rewritten(subject, use, trimmed)
            yield Finding(
                "patterns are searched for anywhere: `.*` at an end of one does nothing",
                use.literal.span,
                help=f"leave it out: `{trimmed if len(trimmed) < 60 else '…'}`",
                fix=fix,
            )


def without_edges(pattern: str) -> str:
    """Take `.*` off the ends of a pattern where that changes nothing: without alternatives at the top."""
    found = pieces(pattern)
    if not found or any(piece.kind == "bar" and piece.depth == 0 for piece in found):
        return pattern
    kept = list(found)
    if len(kept) > 2 and kept[0].kind == "dot" and kept[1].text in ("*", "*?"):
        kept = kept[2:]
    if len(kept) > 2 and kept[-2].kind == "dot" and kept[-1].text in ("*", "*?"):
        kept = kept[:-2]
    if not kept or kept[0].kind == "repeat":
        return pattern
    return "".join(piece.text for piece in kept)


def _rewritten(subject: Subject, use: PatternUse, pattern: str) -> tuple[Edit, ...]:
    """Return the edit that writes another pattern, in the quotes of the old one; none if that needs escapes."""
    if isinstance(use.literal, tree.RegexLiteral):
        written = subject.text(use.literal.span)
        return () if r"\/" in written or "/" in pattern else (Edit(use.literal.span, f"/{pattern}/"),)
    if "`" in pattern or not pattern.isprintable():
        return ()
    return (Edit(use.literal.span, f"`{pattern}`"),)


def _plain(subject: Subject) -> Iterator[Finding]:
    for use in subject.patterns:
        plain = plain_text(use.match.pattern)
        if plain is None or not isinstance(use.node, tree.Call):
            continue
        value = subject.text(use.node.arguments[0].span)
        if not plain.text.isprintable():
            continue
        quoted = '"' + plain.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if plain.is_start and plain.is_end:
            nocase = " nocase" if use.match.is_nocase else ""
            better, is_safe = f"{value} = {quoted}{nocase}", not use.match.is_nocase or plain.text.isascii()
        elif not plain.is_start and not plain.is_end and not use.match.is_nocase:
            better, is_safe = f"strings.contains({value}, {quoted})", True
        else:
            continue
        yield Finding(
            "this pattern is a plain text",
            use.node.span,
            help=f"write `{better}`",
            fix=(Edit(use.node.span, better),) if is_safe and not use.match.is_nocase else (),
        )


def _inline_case(subject: Subject) -> Iterator[Finding]:
    for use in subject.patterns:
        pattern = use.match.pattern
        if not pattern.startswith("(?i)") or len(_INLINE_CASE.findall(pattern)) > 1:
            continue
        edits = _rewritten(subject, use, pattern[4:])
        if edits and not use.match.is_nocase:
            edits = (*edits, Edit(Span(use.node.span.end, use.node.span.end), " nocase"))
        yield Finding(
            "`(?i)` is what `nocase` says" if not use.match.is_nocase else "`(?i)` says what `nocase` says already",
            use.literal.span,
            help="write `nocase` behind the test, and the pattern without `(?i)`",
            fix=edits,
        )


def _first_alternative(subject: Subject) -> Iterator[Finding]:
    for use in subject.patterns:
        found = pieces(use.match.pattern)
        if found is None:
            continue
        sides = sides_of(found)
        if len(sides) < 2 or not all(sides):
            continue
        starts = [side[0].text == "^" for side in sides]
        ends = [side[-1].text == "$" for side in sides]
        if starts == [True] + [False] * (len(sides) - 1) and ends == [False] * (len(sides) - 1) + [True]:
            yield Finding(
                "`^` belongs to the first alternative only, and `$` to the last",
                use.literal.span,
                help="put the alternatives into a group: `^(?:a|b)$`",
            )


def sides_of(found: tuple[Piece, ...]) -> list[list[Piece]]:
    """Return the alternatives at the top of a pattern."""
    sides: list[list[Piece]] = [[]]
    for piece in found:
        if piece.kind == "bar" and piece.depth == 0:
            sides.append([])
        else:
            sides[-1].append(piece)
    return sides


def _misplaced_anchor(subject: Subject) -> Iterator[Finding]:
    for use in subject.patterns:
        sides = sides_of(pieces(use.match.pattern) or ())
        dead = [anchor for side in sides if (anchor := dead_anchor(side))]
        if dead:
            anchor = dead[0]
            where = "before the beginning" if anchor == "^" else "behind the end"
            what = "this pattern" if len(dead) == len(sides) else "one of the alternatives"
            yield Finding(
                f"{what} never matches: nothing stands {where} of a text, which `{anchor}` means",
                use.literal.span,
                help=f"write `\\{anchor}` for the character itself",
            )


def dead_anchor(side: list[Piece]) -> str:
    """Return the anchor of an alternative that asks for something beyond the end that it means, if there is one."""
    needed = [number for number in range(len(side)) if _needs_character(side, number)]
    for number, piece in enumerate(side):
        if piece.kind != "anchor" or piece.depth or _is_optional(side, number):
            continue
        if piece.text == "$" and needed and needed[-1] > number:
            return "$"
        if piece.text == "^" and needed and needed[0] < number:
            return "^"
    return ""


def _needs_character(side: list[Piece], number: int) -> bool:
    piece = side[number]
    is_character = piece.kind in ("literal", "class", "dot") or (
        piece.kind == "escape" and piece.text not in ("\\b", "\\B")
    )
    return is_character and piece.depth == 0 and not _is_optional(side, number)


def _is_optional(side: list[Piece], number: int) -> bool:
    repeat = side[number + 1] if number + 1 < len(side) else None
    return repeat is not None and repeat.kind == "repeat" and (repeat.text[0] in "*?" or repeat.text.startswith("{0"))


def _unescaped_dot(subject: Subject) -> Iterator[Finding]:
    for use in subject.patterns:
        found = pieces(use.match.pattern)
        for index, piece in enumerate(found or ()):
            if piece.kind != "dot" or found is None or not 0 < index < len(found) - 1:
                continue
            before, after = found[index - 1], found[index + 1]
            word = _WORD.match(use.match.pattern, after.start) if after.kind == "literal" else None
            is_number = before.text.isdigit() and after.text.isdigit()
            if before.kind != "literal" or not before.text.isalnum() or word is None:
                continue
            if is_number or word[0].lower() in _EXTENSIONS:
                yield Finding(
                    f"the dot before `{word[0]}` stands for any character",
                    use.literal.span,
                    help=r"a dot itself is written `\.` (in `\"…\"`: `\\.`)".replace(r"\"", '"'),
                )
                break


def _address_by_pattern(subject: Subject) -> Iterator[Finding]:
    for use in subject.patterns:
        read = use.match.value
        if not isinstance(read, ex.Field) or read.path.steps[-1].name not in ("ip", "nat_ip"):
            continue
        if all(_ADDRESS.match(side) for side in alternatives(use.match.pattern)):
            yield Finding(
                "an address range is matched as text, in one of the ways in which addresses are written",
                use.node.span,
                help=f'write `net.ip_in_range_cidr({subject.text(read.span)}, "…/…")`, or `=` for one address',
            )


def _escaped(subject: Subject) -> Iterator[Finding]:
    for use in subject.patterns:
        literal = use.literal
        if not isinstance(literal, tree.StringLiteral) or literal.is_raw:
            continue
        written = subject.text(literal.span)
        if "\\\\" not in written or "`" in literal.value or not literal.value.isprintable():
            continue
        yield Finding(
            "every backslash of this pattern is written twice",
            literal.span,
            help="between back quotes there are no escapes",
            fix=(Edit(literal.span, f"`{literal.value}`"),),
        )


def _long_alternation(subject: Subject) -> Iterator[Finding]:
    most = subject.settings.most_literals
    for use in subject.patterns:
        sides = alternatives(use.match.pattern)
        if len(sides) > most and all(plain_text(side) for side in sides):
            yield Finding(
                f"the pattern lists {len(sides)} texts",
                use.literal.span,
                help="keep them in a data table, which can be changed without the rule: `in regex %table.column`",
            )


LINTS = (
    Lint(
        "W526",
        "anchors-of-one-alternative",
        "warning",
        "correctness",
        "Anchors that do not cover all alternatives",
        "`|` binds least of all: in `^a|b$` the `^` belongs to `a` only and the `$` to `b` only, so that `abc` and "
        "`ab` match as well. Put the alternatives into a group.",
        with_test("re.regex($e.target.process.file.names, `^cmd\\.exe|powershell\\.exe$`) nocase"),
        with_test("re.regex($e.target.process.file.names, `^(?:cmd|powershell)\\.exe$`) nocase"),
        _first_alternative,
    ),
    Lint(
        "W532",
        "anchor-in-the-middle",
        "error",
        "correctness",
        "Anchor where no end of a text can be",
        "`^` is the beginning of a text and `$` its end. A pattern that asks for something before the one or behind "
        "the other never matches. Mostly the character itself is meant, as in `$Recycle.Bin`, which is written `\\$`.",
        with_test("re.regex($e.target.process.file.full_path, `\\\\$Recycle\\.Bin\\\\`) nocase"),
        with_test("re.regex($e.target.process.file.full_path, `\\\\\\$Recycle\\.Bin\\\\`) nocase"),
        _misplaced_anchor,
    ),
    Lint(
        "W527",
        "unescaped-dot",
        "note",
        "correctness",
        "Dot that stands for any character",
        "In a pattern a dot stands for any character. Before a file extension or between the numbers of an address "
        "the dot itself is nearly always meant.",
        with_test("re.regex($e.target.process.file.full_path, `rundll32.exe$`) nocase"),
        with_test("re.regex($e.target.process.file.full_path, `rundll32\\.exe$`) nocase"),
        _unescaped_dot,
    ),
    Lint(
        "W528",
        "address-by-regex",
        "warning",
        "correctness",
        "Address range as a pattern",
        "A pattern sees an address as text: `^10.` also matches 104.0.0.1, and no pattern knows that an IPv6 address "
        "can be written in several ways. `net.ip_in_range_cidr` compares the addresses themselves.",
        with_test("re.regex($e.target.ip, `^10\\.1\\.`)"),
        with_test('net.ip_in_range_cidr($e.target.ip, "10.1.0.0/16")'),
        _address_by_pattern,
    ),
    Lint(
        "W540",
        "wildcard-at-edge",
        "note",
        "cost",
        "`.*` at the beginning or end of a pattern",
        "Patterns are searched for anywhere in the text, so `.*` at an end of the pattern changes nothing about what "
        "matches. At the beginning it also keeps an engine from looking for the text behind it directly.",
        with_test("re.regex($e.target.process.command_line, `.*mimi(katz|lib).*`) nocase"),
        with_test("re.regex($e.target.process.command_line, `mimi(katz|lib)`) nocase"),
        _wildcard_edge,
        fix="safe",
    ),
    Lint(
        "W541",
        "regex-without-need",
        "note",
        "cost",
        "Pattern that is a plain text",
        "A pattern without any special character asks for a text: `strings.contains` says so, is cheaper and needs "
        "no escapes; with both anchors it is an equality.",
        with_test("re.regex($e.target.process.command_line, `DownloadString`)"),
        with_test('strings.contains($e.target.process.command_line, "DownloadString")'),
        _plain,
        fix="safe",
    ),
    Lint(
        "W542",
        "long-alternation",
        "note",
        "cost",
        "Pattern that is a long list",
        "A long list of texts in a pattern is hard to read and to change. A data table holds such a list outside the "
        "rule; the configuration says how long is long (`most-literals`).",
        with_test("re.regex($e.target.process.command_line, `" + "|".join(f"tool{n}" for n in range(21)) + "`) nocase"),
        with_test("$e.target.process.command_line in regex %tools.pattern"),
        _long_alternation,
    ),
    Lint(
        "W576",
        "inline-case-flag",
        "note",
        "style",
        "`(?i)` instead of `nocase`",
        "`nocase` behind the test says the same as `(?i)` in the pattern, and says it in the words of the language.",
        with_test("re.regex($e.target.process.command_line, `(?i)mimi(katz|lib)`)"),
        with_test("re.regex($e.target.process.command_line, `mimi(katz|lib)`) nocase"),
        _inline_case,
        fix="safe",
    ),
    Lint(
        "W578",
        "escaped-pattern",
        "note",
        "style",
        "Pattern with doubled backslashes",
        'In `"…"` every backslash is doubled, in a pattern that looks for one it is even written four times. Between '
        "back quotes there are no escapes.",
        with_test('re.regex($e.target.process.file.full_path, "\\\\\\\\rundll32\\\\.exe$") nocase'),
        with_test("re.regex($e.target.process.file.full_path, `\\\\rundll32\\.exe$`) nocase"),
        _escaped,
        fix="safe",
    ),
)

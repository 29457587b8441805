"""Texts compared letter by letter: names, hashes, and `nocase`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from windshear.language import expressions as ex
from windshear.language.lint.clauses import against
from windshear.language.lint.examples import with_test
from windshear.language.lint.lint import Edit, Finding, Lint
from windshear.language.lint.names import is_host_or_user
from windshear.language.lint.regexes import has_letters
from windshear.language.lint.subject import Subject
from windshear.language.source import Span
from windshear.language.syntax import tree

_HASH_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64}


def _missing_nocase(subject: Subject) -> Iterator[Finding]:
    for test in subject.clauses:
        node = test.node
        if isinstance(node, ex.RegexMatch):
            value, has_case = node.value, not node.is_nocase and "(?i" not in node.pattern and has_letters(node.pattern)
            has_case = has_case and not re.search(r"[a-z]-z?A-Z|A-Z[^\]]*a-z|a-z[^\]]*A-Z", node.pattern)
        elif found := against(test):
            text = found.constant.value
            value, has_case = (
                found.value,
                isinstance(text, str) and not found.is_nocase and text.lower() != text.upper(),
            )
        else:
            continue
        if has_case and isinstance(value, ex.Field) and is_host_or_user(value) and not _is_identifier(node):
            yield Finding(
                f"`{subject.quoted(value.span)}` may be written in another case",
                test.span,
                help="add `nocase` behind the test",
            )


def _is_identifier(node: ex.Expression) -> bool:
    """Whether a test is about a resource name such as an ARN, whose case is fixed, and no plain name."""
    text = (
        node.pattern
        if isinstance(node, ex.RegexMatch)
        else "".join(str(side.value) for side in ex.children(node) if isinstance(side, ex.Literal))
    )
    return ":" in text.replace("(?:", "") or "/" in text


def _pointless_nocase(subject: Subject) -> Iterator[Finding]:
    for node in (*subject.events_nodes, *subject.outcome_nodes):
        if not isinstance(node, tree.Comparison | tree.Call) or not node.is_nocase:
            continue
        literal = _constant(node)
        if literal is None:
            continue
        is_regex = isinstance(literal, tree.RegexLiteral) or isinstance(node, tree.Call)
        text = literal.pattern if isinstance(literal, tree.RegexLiteral) else literal.value
        if has_letters(text) if is_regex else text.lower() != text.upper():
            continue
        keyword = subject.text(node.span).lower().rfind("nocase")
        start = node.span.start + keyword
        gap = len(subject.text(Span(node.span.start, start))) - len(subject.text(Span(node.span.start, start)).rstrip())
        yield Finding(
            "`nocase` does nothing here: there are no letters",
            Span(start, start + len("nocase")),
            help="remove it",
            fix=(Edit(Span(start - gap, start + len("nocase")), ""),),
        )


def _constant(node: tree.Comparison | tree.Call) -> tree.StringLiteral | tree.RegexLiteral | None:
    parts = (node.left, node.right) if isinstance(node, tree.Comparison) else node.arguments[-1:]
    if isinstance(node, tree.Call) and node.function != "re.regex":
        return None
    return next((part for part in parts if isinstance(part, tree.StringLiteral | tree.RegexLiteral)), None)


def _hash_length(subject: Subject) -> Iterator[Finding]:
    for test in subject.clauses:
        found = against(test)
        if found is None or not isinstance(found.value, ex.Field) or found.value.path.is_map:
            continue
        name, text = found.value.path.steps[-1].name, str(found.constant.value)
        if name in _HASH_DIGITS and len(text) != _HASH_DIGITS[name] and re.fullmatch(r"[0-9A-Fa-f]{16,}", text):
            kind = next((kind for kind, digits in _HASH_DIGITS.items() if digits == len(text)), "")
            yield Finding(
                f"`{name}` has {_HASH_DIGITS[name]} digits, this text has {len(text)}",
                test.span,
                help=f"compare it with `{kind}`" if kind else "a digit is missing or too many",
            )


def _hash_case(subject: Subject) -> Iterator[Finding]:
    for test in subject.clauses:
        found = against(test)
        if found is None or found.is_nocase or not isinstance(found.value, ex.Field):
            continue
        if found.value.path.steps[-1].name not in _HASH_DIGITS or found.value.path.is_map:
            continue
        text = str(found.constant.value)
        if text != text.lower() and re.fullmatch(r"[0-9A-Fa-f]+", text):
            yield Finding(
                "hashes are written in lower case by most products, and this one is compared letter by letter",
                test.span,
                help="write it in lower case, or add `nocase`",
            )


LINTS = (
    Lint(
        "W529",
        "case-of-name",
        "note",
        "correctness",
        "Host or user name compared with its case",
        "Strings are compared letter by letter. Products write host names, domains, mail addresses and, on Windows, "
        "user names in either case, so a comparison without `nocase` misses some of them.",
        with_test('$e.principal.hostname = "vault-01"'),
        with_test('$e.principal.hostname = "vault-01" nocase'),
        _missing_nocase,
    ),
    Lint(
        "W530",
        "hash-in-upper-case",
        "note",
        "correctness",
        "Hash in upper case",
        "Strings are compared letter by letter, and hashes are mostly written in lower case. A hash in upper case "
        "then never matches.",
        with_test('$e.target.file.md5 = "D41D8CD98F00B204E9800998ECF8427E"'),
        with_test('$e.target.file.md5 = "d41d8cd98f00b204e9800998ecf8427e"'),
        _hash_case,
    ),
    Lint(
        "W531",
        "hash-of-wrong-length",
        "warning",
        "correctness",
        "Hash that cannot be of its kind",
        "An MD5 hash has 32 hexadecimal digits, SHA-1 40 and SHA-256 64. A text of another length never equals the "
        "field: mostly it is a hash of another kind.",
        with_test('$e.target.file.md5 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"'),
        with_test('$e.target.file.sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"'),
        _hash_length,
    ),
    Lint(
        "W577",
        "nocase-without-letters",
        "note",
        "style",
        "`nocase` where there are no letters",
        "Digits and punctuation have no case. `nocase` makes the comparison dearer and the reader wonder.",
        with_test('$e.metadata.product_event_type = "4688" nocase'),
        with_test('$e.metadata.product_event_type = "4688"'),
        _pointless_nocase,
        fix="safe",
    ),
)

"""What reads worse than it must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_interface

from windshear.language.check.walk import walk
from windshear.language.lint.lint import Edit, Finding, Lint
from windshear.language.lint.subject import Subject
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.syntax.parser import parse_expression

_PREDICATE = re.compile(r"\s*(?:not\s+|\(\s*)*(?:\$\w+(?:\.\w+|\s*!?=)|(?:re|strings|net)\.\w+\()", re.IGNORECASE)
_LONGEST_COMMENT = 2_000


def _bare_or(subject: Subject) -> Iterator[Finding]:
    predicates = subject.written.events.predicates if subject.written.events else ()
    if len(predicates) < 2:
        return
    for predicate in predicates:
        if isinstance(predicate, tree.Or):
            start, end = predicate.span.start, predicate.span.end
            yield Finding(
                "this `or` stands without parentheses between lines that are joined by `and`",
                predicate.span,
                help="put it into parentheses: lines bind less than `or`, which few readers know",
                fix=(Edit(Span(start, start), "("), Edit(Span(end, end), ")")),
            )


def _leading_zero(subject: Subject) -> Iterator[Finding]:
    for node in (*subject.events_nodes, *subject.outcome_nodes, *subject.condition_nodes):
        if not isinstance(node, tree.NumberLiteral) or not isinstance(node.value, int):
            continue
        written = subject.text(node.span)
        if len(written) > 1 and written.startswith("0") and written.isdigit():
            plain = written.lstrip("0") or "0"
            yield Finding(
                f"`{written}` is the decimal number {plain}",
                node.span,
                help="leave the zeros out",
                fix=(Edit(node.span, plain),),
            )


def _commented_out(subject: Subject) -> Iterator[Finding]:
    explained = -1  # the last line of a comment in words, which may say why the next one is there
    for comment in subject.comments:
        first = subject.source.position(comment.start).line
        last = subject.source.position(comment.end).line
        if not _is_code(comment.text) or first == explained + 1:
            explained = last
        else:
            yield Finding(
                "a line of the rule that is commented out",
                comment.span,
                help="remove it, since version control keeps it, or say in words above it when to put it back",
            )


def _is_code(comment: str) -> bool:
    text = comment.removeprefix("//").removeprefix("/*").removesuffix("*/").strip()
    if len(text) > _LONGEST_COMMENT or not _PREDICATE.match(text):
        return False
    node, mistakes = parse_expression(re.sub(r"\s+(?:and|or)$", "", text, flags=re.IGNORECASE))
    return not mistakes and _is_predicate(node)


def _is_predicate(node: tree.Expression) -> bool:
    tests = (tree.Comparison, tree.Call, tree.Membership)
    return any(isinstance(inner, tests) for inner in walk(node)) and any(
        isinstance(inner, tree.Path | tree.Variable) for inner in walk(node)
    )


def _host_bits(subject: Subject) -> Iterator[Finding]:
    for node in (*subject.events_nodes, *subject.outcome_nodes):
        if not isinstance(node, tree.Call) or node.function != "net.ip_in_range_cidr" or len(node.arguments) < 2:
            continue
        literal = node.arguments[1]
        if not isinstance(literal, tree.StringLiteral):
            continue
        try:
            network = ip_interface(literal.value).network.with_prefixlen
        except ValueError:
            continue
        address = literal.value.split("/")[0]
        if "/" in literal.value and ip_interface(address).ip != ip_interface(network).network.network_address:
            yield Finding(
                f"the range is `{network}`: bits behind the prefix say nothing",
                literal.span,
                help=f'write `"{network}"`, or a longer prefix if fewer addresses are meant',
                fix=(Edit(literal.span, f'"{network}"'),),
            )


_TEMPLATE = """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    {}
  condition:
    $e
"""

LINTS = (
    Lint(
        "W579",
        "or-without-parentheses",
        "note",
        "style",
        "`or` between lines without parentheses",
        "Lines of the events section are joined by `and`, which binds less than a written `or`. `a or b` on a line of "
        "its own is one test; parentheses show it.",
        _TEMPLATE.format('$e.target.application = "vault" or $e.target.application = "safe"'),
        _TEMPLATE.format('($e.target.application = "vault" or $e.target.application = "safe")'),
        _bare_or,
        fix="safe",
    ),
    Lint(
        "W580",
        "leading-zero",
        "note",
        "style",
        "Number with leading zeros",
        "Leading zeros mean nothing: `010` is ten. In other languages it is eight, so it makes readers wonder.",
        _TEMPLATE.format("$e.target.port = 0443"),
        _TEMPLATE.format("$e.target.port = 443"),
        _leading_zero,
        fix="safe",
    ),
    Lint(
        "W581",
        "commented-out-clause",
        "note",
        "style",
        "Line that is commented out",
        "Nobody knows whether such a line is forgotten, wrong, or waiting for something. Version control keeps what "
        "was removed; a sentence says what waits.",
        _TEMPLATE.format('$e.target.port = 443\n    // $e.target.application = "vault"'),
        _TEMPLATE.format("$e.target.port = 443\n    // The port alone tells it: only the vault listens there."),
        _commented_out,
    ),
    Lint(
        "W582",
        "host-bits-in-range",
        "note",
        "style",
        "Address range with bits behind its prefix",
        "`10.1.2.3/8` is the range `10.0.0.0/8`: what stands behind the prefix says nothing. Either the range is wider "
        "than its author thinks, or it should be written as what it is.",
        _TEMPLATE.format('net.ip_in_range_cidr($e.target.ip, "10.1.2.3/8")'),
        _TEMPLATE.format('net.ip_in_range_cidr($e.target.ip, "10.0.0.0/8")'),
        _host_bits,
        fix="safe",
    ),
)

"""Whether two checked rules mean the same, even if one says it in other words: how fixes are judged.

Equal but for places is the same. Beyond that, tests of one text against constants are compared by what they answer
for texts that are made from both: so a pattern may become an equality, or lose `.*` at its ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from ipaddress import ip_network
from itertools import product

from windshear.language import expressions as ex
from windshear.language.lint.regexes import pieces
from windshear.language.lint.shapes import rule_shape, shape
from windshear.language.patterns import finds
from windshear.language.rule import CheckedRule
from windshear.language.source import Span
from windshear.language.types import BOOL

_TRUE = ex.Literal(value=True, type=BOOL, span=Span(0, 0))


def differences(before: CheckedRule, after: CheckedRule) -> Iterator[str]:
    """Yield in words where two rules do not mean the same."""
    if _rest(before) != _rest(after):
        yield "what is no expression on rows: name, meta, match, options, setup or export"
    if [(n, v.source) for n, v in before.variables.items()] != [(n, v.source) for n, v in after.variables.items()]:
        yield "the variables"
    if list(before.placeholders) != list(after.placeholders):
        yield "the placeholders"
    ours, theirs = [list(_expressions(rule)) for rule in (before, after)]
    if len(ours) != len(theirs):
        yield f"{len(ours)} and {len(theirs)} expressions"
    for one, other in zip(ours, theirs, strict=False):
        if not same(one, other):
            yield f"{before.text[one.span.start - before.span.start : one.span.end - before.span.start]!r} and " + repr(
                after.text[other.span.start - after.span.start : other.span.end - after.span.start]
            )


def _rest(rule: CheckedRule) -> tuple[object, ...]:
    return rule_shape(replace(rule, predicates=(), placeholders={}, outcomes=(), condition=_TRUE, variables={}))


def _expressions(rule: CheckedRule) -> Iterator[ex.Expression]:
    yield from rule.row_expressions
    yield rule.condition


def same(one: ex.Expression, other: ex.Expression) -> bool:
    """Tell whether two expressions have the same value for every row."""
    if shape(one) == shape(other):
        return True
    one, other = _plain(one), _plain(other)
    if _subject(one) is not None and _subject(other) is not None:
        return _answer_alike(one, other)
    ours, theirs = ex.children(one), ex.children(other)
    return (
        type(one) is type(other)
        and _head(one) == _head(other)
        and len(ours) == len(theirs)
        and all(same(a, b) for a, b in zip(ours, theirs, strict=True))
    )


def _head(node: ex.Expression) -> tuple[object, ...]:
    """Return what a node says besides its operands."""
    parts = (getattr(node, field.name) for field in fields(node) if field.name != "span")
    return tuple(part for part in parts if isinstance(part, str | int | float | bool))


def _plain(node: ex.Expression) -> ex.Expression:
    """Write `not (a != b)` as `a = b`, `not (a = b)` as `a != b`, and `not not a` as `a`."""
    inner, is_negated = node, False
    while isinstance(inner, ex.Not):
        inner, is_negated = inner.operand, not is_negated
    if not is_negated:
        return inner
    if not isinstance(inner, ex.Comparison) or inner.operator not in ("=", "!="):
        return ex.Not(inner, node.span)
    if any(read.quantifier is not None for read in ex.fields(inner)):
        return ex.Not(inner, node.span)
    return replace(inner, operator="=" if inner.operator == "!=" else "!=")


def _subject(node: ex.Expression) -> ex.Expression | None:
    """Return the text that a test against a constant is about."""
    match node:
        case ex.RegexMatch(value=value):
            return value
        case ex.Comparison(operator="=" | "!=", left=left, right=ex.Literal(value=str())):
            return left
        case ex.Call(function="strings.contains" | "net.ip_in_range_cidr", arguments=(value, ex.Literal())):
            return value
        case _:
            return None


def _answer_alike(one: ex.Expression, other: ex.Expression) -> bool:
    ours, theirs = _subject(one), _subject(other)
    if ours is None or theirs is None or shape(ours) != shape(theirs):
        return False
    networks = [_network(node) for node in (one, other)]
    if any(networks):
        return networks[0] == networks[1]
    texts = {*_texts(one), *_texts(other)}
    return all(_answer(one, text) == _answer(other, text) for text in texts)


def _network(node: ex.Expression) -> str:
    """Return the range that a test of an address asks for; the empty text for other tests."""
    match node:
        case ex.Call(function="net.ip_in_range_cidr", arguments=(_, ex.Literal(value=value))):
            return str(ip_network(str(value), strict=False))
        case _:
            return ""


def _answer(node: ex.Expression, text: str) -> bool:
    match node:
        case ex.RegexMatch(pattern=pattern, is_nocase=is_nocase):
            return finds(pattern, text, is_nocase=is_nocase)
        case ex.Comparison(operator=operator, right=ex.Literal(value=str() as constant), is_nocase=is_nocase):
            is_equal = text.lower() == constant.lower() if is_nocase else text == constant
            return is_equal == (operator == "=")
        case ex.Call(arguments=(_, ex.Literal(value=str() as constant))):
            return constant in text
        case _:
            raise ValueError(f"not a test of a text: {node}")


def _texts(node: ex.Expression) -> Iterable[str]:
    """Return texts near what a test looks for: it, parts of it, with more around it, in other cases, on other lines."""
    core = _core(node)
    seeds = {core, core[1:], core[:-1], core.swapcase(), core.replace(".", "x"), "", "x", core + core}
    around = ("", "x", "\n", " ", "\u00e9", "^", "/", "K", "\u212a")
    return {before + seed + after for seed, before, after in product(seeds, around, around)}


def _core(node: ex.Expression) -> str:
    if isinstance(node, ex.RegexMatch):
        found = pieces(node.pattern) or ()
        kept = [p.text[-1] if p.kind in ("literal", "escape") else "x" * (p.kind == "dot") for p in found]
        return "".join(kept)
    last = ex.children(node)[-1]
    return str(last.value) if isinstance(last, ex.Literal) and last.type != BOOL else ""

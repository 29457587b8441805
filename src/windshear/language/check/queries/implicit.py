"""Fields without a variable: they belong to one event variable, which gets a name here.

After this a query's expressions look like a rule's. Searches of the raw text become patterns over the path `raw`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Final, get_args

from windshear.language.diagnostics import checks, queries
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.query import RAW
from windshear.language.source import Span
from windshear.language.syntax import tree

_NODES: Final = get_args(tree.Expression)
_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")
IMPLICIT: Final = "event"
# Words by which the service's search looks into several fields at once, and fields to name instead.
_GROUPED: Final = {
    "ip": ("principal.ip", "src.ip", "target.ip"),
    "hostname": ("principal.hostname", "src.hostname", "target.hostname"),
    "user": ("principal.user.userid", "src.user.userid", "target.user.userid"),
    "email": ("principal.user.email_addresses", "target.user.email_addresses"),
    "domain": ("principal.administrative_domain", "target.administrative_domain", "network.dns.questions.name"),
    "hash": ("target.file.sha256", "target.process.file.sha256"),
    "file_path": ("target.file.full_path", "target.process.file.full_path"),
    "url": ("target.url", "network.http.referral_url"),
}


@dataclass(frozen=True, slots=True)
class Implicit:
    """The name of the variable that fields without one belong to, and where mistakes go."""

    variable: str
    errors: Collector

    def predicate(self, node: tree.Expression) -> tree.Expression:
        """Return a predicate with variables; a quoted text alone searches the raw text."""
        match node:
            case tree.StringLiteral():
                return self._raw_text(node, node, operator="=", is_nocase=False)
            case tree.Group(inner=inner):
                return replace(node, inner=self.predicate(inner))
            case tree.Not(operand=operand):
                return replace(node, operand=self.predicate(operand))
            case tree.And(items=items) | tree.Or(items=items):
                return replace(node, items=tuple(self.predicate(item) for item in items))
            case _:
                return self.value(node)

    def value(self, node: tree.Expression) -> tree.Expression:
        """Return an expression with variables."""
        match node:
            case tree.Path(variable=None):
                return replace(node, variable=self.variable)
            case tree.Word(text=text, span=span) if text.lower() == RAW:
                return tree.Path(None, self.variable, span, (tree.Segment(RAW, span),), span)
            case tree.Word(text=text, span=span) if text.lower() in _GROUPED:
                return self._grouped_field(text.lower(), span)
            case tree.Comparison() if _is_raw(node.left) or _is_raw(node.right):
                return self._raw_comparison(node)
        changed: dict[str, Any] = {}
        for part in fields(node):
            below = getattr(node, part.name)
            if isinstance(below, _NODES):
                changed[part.name] = self.value(below)
            elif isinstance(below, tuple) and below and all(isinstance(item, _NODES) for item in below):
                changed[part.name] = tuple(self.value(item) for item in below)
        return replace(node, **changed) if changed else node

    def _grouped_field(self, name: str, span: Span) -> tree.Malformed:
        fields_of = ", ".join(_GROUPED[name])
        self.errors.add(
            Diagnostic(
                checks.UNKNOWN_WORD,
                f"`{name}` is a group of fields that only the service knows",
                span,
                help=f"name them: `${name} = group({fields_of})`, and test `${name}`",
            )
        )
        return tree.Malformed(span)

    def _raw_comparison(self, node: tree.Comparison) -> tree.Expression:
        other = node.right if _is_raw(node.left) else node.left
        if node.operator in ("=", "!=") and isinstance(other, tree.StringLiteral | tree.RegexLiteral):
            return self._raw_text(node, other, operator=node.operator, is_nocase=node.is_nocase)
        self.errors.add(
            Diagnostic(
                queries.RAW_SEARCH,
                "raw text is compared with something else than a text or a pattern",
                node.span,
                help='for instance `raw = "curl"` or `raw = /curl|wget/`',
            )
        )
        return tree.Malformed(node.span)

    def _raw_text(
        self,
        node: tree.Expression,
        sought: tree.StringLiteral | tree.RegexLiteral,
        operator: tree.CompareOperator,
        *,
        is_nocase: bool,
    ) -> tree.Expression:
        span = sought.span
        pattern = sought.pattern if isinstance(sought, tree.RegexLiteral) else _SPECIAL.sub(r"\\\g<0>", sought.value)
        raw = tree.Path(None, self.variable, span, (tree.Segment(RAW, span),), span)
        return tree.Comparison(operator, raw, tree.RegexLiteral(pattern, span), is_nocase, span, node.span)


def implicit_name(taken: Iterable[str]) -> str:
    """Return a name for the implicit variable that the query does not use itself."""
    known = set(taken)
    name, number = IMPLICIT, 1
    while name in known:
        number += 1
        name = f"{IMPLICIT}_{number}"
    return name


def _is_raw(node: tree.Expression) -> bool:
    return isinstance(node, tree.Word) and node.text.lower() == RAW

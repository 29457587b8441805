"""The language front in one call: rule text to checked rules and every diagnostic of the text."""

from __future__ import annotations

from dataclasses import dataclass

from windshear.language.check.checker import check
from windshear.language.check.scope import Mode
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.lists import ListTypes
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.language.syntax import tree
from windshear.language.syntax.parser import parse
from windshear.language.tables import TableSchemas


@dataclass(frozen=True, slots=True)
class Compiled:
    """The rules of one source that can run, and what is to be said about the source, in order of place.

    trees: all rules as they are written, those that cannot run included.
    """

    source: Source
    rules: tuple[CheckedRule, ...]
    diagnostics: tuple[Diagnostic, ...]
    trees: tuple[tree.Rule, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether at least one rule of the source cannot run."""
        return any(diagnostic.is_error for diagnostic in self.diagnostics)


def compile_source(
    source: Source,
    mode: Mode = Mode.COMPAT,
    tables: TableSchemas | None = None,
    lists: ListTypes | None = None,
) -> Compiled:
    """Parse and check one rule file. `tables` are the data tables that are known, `lists` the types of lists.

    A rule in whose text the parser found an error does not run, but is still checked, so that one run shows all
    mistakes of the file.
    """
    parsed = parse(source)
    rules = []
    diagnostics = list(parsed.diagnostics)
    for written in parsed.rules:
        result = check(written, source, mode, tables, lists)
        diagnostics += result.diagnostics
        inside = [d for d in parsed.diagnostics if written.span.start <= d.span.start <= written.span.end]
        if result.rule is not None and not any(d.is_error for d in inside):
            rules.append(result.rule)
    diagnostics.sort(key=lambda d: (d.span, d.mistake.code))
    return Compiled(source, tuple(rules), tuple(diagnostics), parsed.rules)

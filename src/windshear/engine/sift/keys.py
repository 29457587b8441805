"""What the filters of one event variable say about another that shares a key with it.

If `$a.hostname = $host`, `$b.hostname = $host` and `$a.hostname` must match a pattern, then so must `$b.hostname`: a
joined row has one value for `$host`. A variable that has no filter of its own, which is how rules say "and whatever
else this user did", would otherwise take every event as a candidate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from windshear.engine.sift.atoms import AtomReader
from windshear.engine.sift.computed import Entries
from windshear.engine.sift.formula import formula
from windshear.engine.sift.nodes import ALWAYS, AllOf, AnyOf, Atom, Constant, Formula, Leaf, all_of, any_of
from windshear.language.rule import Binding, CheckedRule


def formulas(rule: CheckedRule, entries: Entries | None = None) -> dict[str, Formula]:
    """Return for every event variable a formula that holds for every event that can bind to it."""
    own = {name: formula(rule, name, entries) for name in rule.shown_variables}
    if rule.is_alternative:  # a row may lack either side
        return own
    return {name: all_of([own[name], *_from_others(rule, name, own)]) for name in own}


def _from_others(rule: CheckedRule, variable: str, own: Mapping[str, Formula]) -> Iterator[Formula]:
    """Yield what must hold for the keys of a variable, because the partner with the same key must be there."""
    for definition in rule.placeholders.values():
        leaves = [(binding.variable, _leaf(binding)) for binding in definition.bindings]
        for holder, here in leaves:
            for partner, there in leaves:
                is_pair = holder == variable and partner != variable and partner in rule.bounded and partner in own
                if is_pair and here is not None and there is not None and here.kind == there.kind:
                    yield _moved(own[partner], there, here)


def _leaf(binding: Binding) -> Leaf | None:
    return AtomReader(binding.variable, {}, lambda _: None).plain_leaf(binding.value)


def _moved(node: Formula, there: Leaf, here: Leaf) -> Formula:
    """Restate tests of one copy's value at another leaf that has the same value; what else is tested counts as true."""
    match node:
        case AllOf(items):
            return all_of(_moved(item, there, here) for item in items)
        case AnyOf(items):
            return any_of(_moved(item, there, here) for item in items)
        case Constant():
            return node
        case Atom(leaf, "plain", _, _) if leaf == there:
            return replace(node, leaf=here)
        case Atom(Leaf() as leaf, "plain", _, _) if leaf == replace(there, letters=leaf.letters):
            plain = there.letters == here.letters == "as written"
            return replace(node, leaf=replace(here, letters=leaf.letters)) if plain else ALWAYS
        case Atom():
            return ALWAYS

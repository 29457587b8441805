"""Hypothesis strategies for whole rules of every supported shape, with names that collide where names can."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.property.context import ENTITY, context_joins
from tests.property.outcomes import Outcome, outcome_conditions, outcome_sections
from tests.property.predicates import cross_atoms, form, path, pattern, plain_atoms, predicates, text_of

# Names that differ only in case, that SQL or the settle statements use, and that columns have.
NAMES = [
    "e",
    "E",
    "key",
    "Key",
    "one",
    "near",
    "hops",
    "hop",
    "element",
    "m0",
    "r",
    "c",
    "about",
    "table",
    "values",
    "ts",
]
# What rules are drawn with, so that the parts of all rules are drawn alike; `RuleParts.names` takes their place.
VARIABLES, PLACEHOLDERS, OUTCOMES = ("v0", "v1", "v2"), ("p0", "p1", "p2"), ("o0", "o1", "o2")
SLOTS = (*VARIABLES, *PLACEHOLDERS, *OUTCOMES, ENTITY)
_SLOT = re.compile(r"([$#])([vpog][012])\b")
_LISTED = re.compile(r"[$]v\d|#v\d >=? 1|[$]o\d .*")  # conditions that may stand in a list with others
KEYS = ("principal.hostname", "principal.ip", "principal.user.userid", "target.hostname", "about.hostname")
OTHER_KEYS = (*KEYS, "target.port", "security_result.action", 'target.labels["k"]', "network.received_bytes")


@dataclass(frozen=True)
class RuleParts:
    """Pieces of a rule before they become text."""

    events: list[str]
    match: str
    outcomes: list[Outcome]
    condition: str
    names: list[str]
    options: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return the rule's text."""
        sections = ['  meta:\n    author = "generated"', "  events:\n    " + "\n    ".join(self.events)]
        if self.match:
            sections.append(f"  match:\n    {self.match}")
        if self.outcomes:
            sections.append("  outcome:\n    " + "\n    ".join(outcome.line for outcome in self.outcomes))
        sections.append(f"  condition:\n    {self.condition}")
        if self.options:
            sections.append("  options:\n    " + "\n    ".join(self.options))
        body = _SLOT.sub(lambda found: found[1] + self.names[SLOTS.index(found[2])], "\n".join(sections))
        return f"rule {name} {{\n{body}\n}}\n"


def names_of_rule() -> st.SearchStrategy[list[str]]:
    """Draw what the variables of a rule are called."""
    return st.permutations(NAMES)


@functools.cache
def placeholder_tests(name: str) -> st.SearchStrategy[str]:
    """Draw a test of a placeholder with a text value."""
    return st.one_of(
        st.just(f'${name} != ""'),
        form(f"re.regex(${name}, {{}})", pattern()),
        st.just(f"${name} in %names nocase"),
        st.just(f'strings.to_lower(${name}) != "ws1"'),
    )


@st.composite
def single_event_rules(draw: st.DrawFn) -> RuleParts:
    """Draw a rule without a match section."""
    variable, placeholder = VARIABLES[0], PLACEHOLDERS[0]
    lines = draw(st.lists(predicates(variable), min_size=1, max_size=3))
    placeholders: list[str] = []
    if draw(st.integers(0, 2)) == 0:
        lines.append(draw(_binding(variable, placeholder, OTHER_KEYS[:5])))
        lines += draw(st.lists(placeholder_tests(placeholder), max_size=1))
        placeholders.append(placeholder)
    outcomes = draw(outcome_sections(OUTCOMES[:2], (variable,), tuple(placeholders)))
    conditions = [f"${variable}"]
    is_tested: bool = draw(st.booleans())
    if outcomes and is_tested:
        conditions.append(draw(outcome_conditions(outcomes)))
    options: list[str] = []
    if draw(st.integers(0, 5)) == 0:
        options.append("suppression_window = 10m")
        text = f"array_distinct(${variable}.principal.hostname)"
        outcomes.append(Outcome("suppression_key", f'arrays.join_string({text}, "")', "text"))
    return RuleParts(lines, "", outcomes, " and ".join(conditions), draw(names_of_rule()), options)


@st.composite
def plain_rules(draw: st.DrawFn) -> RuleParts:
    """Draw a rule that is hardly more than one predicate, so that its meaning alone decides."""
    lines = draw(st.lists(predicates(VARIABLES[0]), min_size=1, max_size=2))
    return RuleParts(lines, "", [], f"${VARIABLES[0]}", draw(names_of_rule()))


@functools.cache
def _binding(variable: str, placeholder: str, fields: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Draw the definition of a placeholder: a field, a function, `if`, or a choice of fields."""
    field_of = path(variable, fields)
    texts = path(variable, KEYS)
    name = f"${placeholder}"
    return st.one_of(
        form("{} = {}", field_of, st.just(name)),
        form("{} = {}", st.just(name), text_of(variable)),
        form("{} = if({}, {}, {})", st.just(name), plain_atoms(variable), texts, texts),
        form("({} = {} or {} = {})", texts, st.just(name), texts, st.just(name)),
    )


@st.composite
def windowed_rules(draw: st.DrawFn) -> RuleParts:
    """Draw a rule over one to three variables in any window, the last perhaps absent or an alternative."""
    variables = VARIABLES[: draw(st.sampled_from([1, 1, 2, 2, 2, 3]))]
    shape = draw(st.sampled_from(["present", "present", "absent", "either"])) if len(variables) > 1 else "present"
    if shape == "either":
        variables = variables[:2]
    lines, keys, placeholders = draw(_joined(variables, shape))
    for variable in variables:
        lines += draw(st.lists(predicates(variable), max_size=1))
    if len(variables) > 1:
        pair = (variables[0], variables[-1])
        lines += draw(st.lists(cross_atoms(*pair), max_size=1))
    context = draw(context_joins(variables, PLACEHOLDERS[0], shape))
    lines += context.lines
    outcomes = draw(outcome_sections(OUTCOMES[:2], variables, tuple(placeholders), has_window=True))
    outcomes += [Outcome(OUTCOMES[2], value, kind) for value, kind in context.outcomes]
    conditions = [*draw(_conditions(variables, shape)), *context.conditions]
    extra = PLACEHOLDERS[2]
    if extra in placeholders and shape == "present" and draw(st.booleans()):
        conditions.append(f"#{extra} {draw(st.sampled_from(['> 0', '> 1', '= 1', '>= 2', '>= 0', '< 3']))}")
    if outcomes and shape != "either" and draw(st.integers(0, 2)) == 0:
        conditions.append(draw(outcome_conditions(outcomes)))
    options = draw(st.sampled_from([[], [], [], ["allow_zero_values = true"], ["suppression_window = 20m"]]))
    window = draw(_window(variables, shape))
    return RuleParts(
        lines,
        f"{', '.join(keys)} {window}",
        outcomes,
        draw(_together(conditions, shape, window)),
        draw(names_of_rule()),
        options,
    )


@st.composite
def context_rules(draw: st.DrawFn) -> RuleParts:
    """Draw a rule that is hardly more than a join with an entity or a row, so that it finds something."""
    variables, shape = VARIABLES[: draw(st.sampled_from([1, 1, 2]))], "present"
    if len(variables) > 1 and draw(st.booleans()):
        shape = "absent"
    context = draw(context_joins(variables, PLACEHOLDERS[0], shape).filter(lambda drawn: drawn.lines))
    lines = [f"${name}.{KEYS[0]} = ${PLACEHOLDERS[0]}" for name in variables]
    if draw(st.integers(0, 3)) == 0:  # two bindings on one event, which must agree
        lines.append(f"${PLACEHOLDERS[0]} = {draw(path(variables[0], KEYS[1:]))}")
    conditions = [f"${variables[0]}", *(f"!${name}" if shape == "absent" else f"${name}" for name in variables[1:])]
    window = draw(_window(variables, shape))
    return RuleParts(
        [*lines, *context.lines],
        f"${PLACEHOLDERS[0]} {window}",
        [Outcome(OUTCOMES[2], value, kind) for value, kind in context.outcomes],
        " and ".join([*conditions, *context.conditions]),
        draw(names_of_rule()),
    )


@st.composite
def _joined(draw: st.DrawFn, variables: tuple[str, ...], shape: str) -> tuple[list[str], list[str], list[str]]:
    """Draw the joins: lines, match keys, and all placeholders."""
    key, second, extra = PLACEHOLDERS
    lines: list[str] = []
    first, *others = variables
    if others and shape == "present" and draw(st.integers(0, 3)) == 0:  # joined directly, the key only on the first
        lines.append(draw(_binding(first, key, KEYS)))
        lines += [f"{draw(path(first, KEYS))} = {draw(path(other, KEYS))}" for other in others]
    elif others and shape == "present" and draw(st.integers(0, 4)) == 0:  # one placeholder of several events
        choices = " or ".join(f"{draw(path(name, KEYS))} = ${key}" for name in variables)
        lines.append(f"({choices})")
        lines += [f"{draw(path(first, KEYS))} = {draw(path(other, KEYS))}" for other in others]
    else:
        lines += [draw(_binding(name, key, KEYS)) for name in variables]
    keys, placeholders = [f"${key}"], [key]
    if draw(st.integers(0, 3)) == 0:
        field_name = draw(st.sampled_from(OTHER_KEYS))
        some = variables if shape == "either" or draw(st.booleans()) else variables[:1]
        lines += [f"${name}.{field_name} = ${second}" for name in some]
        keys.append(f"${second}")
        placeholders.append(second)
    if draw(st.integers(0, 2)) == 0:
        lines.append(draw(_binding(first, extra, KEYS)))
        lines += draw(st.lists(placeholder_tests(extra), max_size=1))
        placeholders.append(extra)
    return lines, keys, placeholders


@st.composite
def _conditions(draw: st.DrawFn, variables: tuple[str, ...], shape: str) -> list[str]:
    conditions = [draw(st.sampled_from([f"${name}", f"#{name} > 1", f"#{name} >= 1"])) for name in variables]
    if shape == "absent":
        last = variables[-1]
        conditions[-1] = draw(st.sampled_from([f"!${last}", f"#{last} < 2", f"#{last} >= 0", f"#{last} = 0"]))
    return conditions


def _together(conditions: list[str], shape: str, window: str) -> st.SearchStrategy[str]:
    """Put conditions together by a word, or (over events that must be there, not in blocks) as `n of` a list."""
    listed = ", ".join(conditions)
    if shape == "either":
        return st.sampled_from([" or ".join(conditions), f"any of [{listed}]", f"1 of [{listed}]"])
    joined = " and ".join(conditions)
    if shape == "absent" or window.startswith("by ") or not all(map(_LISTED.fullmatch, conditions)):
        return st.just(joined)
    return st.sampled_from([joined, joined, f"all of [{listed}]", f"{len(conditions)} of [{listed}]"])


@st.composite
def _window(draw: st.DrawFn, variables: tuple[str, ...], shape: str) -> str:
    size = draw(st.sampled_from(["1m", "5m", "10m"]))
    kinds = [f"over {size}", f"over {size}"]
    if shape != "either":
        kinds += [f"by {size}", f"over {size} after ${variables[0]}", f"over {size} before ${variables[0]}"]
    return draw(st.sampled_from(kinds))


def rules() -> st.SearchStrategy[RuleParts]:
    """Draw a rule of any supported shape."""
    return st.one_of(single_event_rules(), windowed_rules(), context_rules())


def rule_sets(least: int = 10) -> st.SearchStrategy[list[RuleParts]]:
    """Draw rules that run in one scan: most are plain, for these cost little."""
    return st.lists(st.one_of(plain_rules(), plain_rules(), rules()), min_size=least, max_size=10)

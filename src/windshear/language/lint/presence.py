"""Which values a rule knows to be there: not zero on any row that can matter."""

from __future__ import annotations

from windshear.language import expressions as ex
from windshear.language.lint.clauses import Clause, against, is_zero
from windshear.language.lint.subject import Subject
from windshear.language.patterns import finds

# Fields that every event has.
_ALWAYS = frozenset(
    {
        "metadata.id",
        "metadata.event_timestamp.seconds",
        "metadata.event_type",
        "metadata.log_type",
        "metadata.ingested_timestamp.seconds",
    }
)
_GIVES_TEXT_ONLY_FOR_TEXT = ("strings.to_lower", "strings.to_upper", "strings.trim", "re.capture")


def key_of(value: ex.Expression) -> str:
    """Name a field or placeholder; the empty text for anything else."""
    match value:
        case ex.Field(quantifier=None, variable=variable, path=path):
            return f"${variable}.{path.text}"
        case ex.Placeholder(name=name):
            return f"${name}"
        case ex.Call(function=function, arguments=arguments) if function in _GIVES_TEXT_ONLY_FOR_TEXT:
            return key_of(arguments[0])
        case _:
            return ""


def is_always_there(value: ex.Expression) -> bool:
    """Whether a value is a field that every event has."""
    return isinstance(value, ex.Field) and value.path.source == "udm" and value.path.text in _ALWAYS


def excludes_zero(subject: Subject) -> frozenset[str]:
    """Return the keys of fields and placeholders that some required test shows not to be zero.

    What is bound to a placeholder, or equal to a field, that is not zero is not zero either.
    """
    known = {key for test in subject.required if (key := _key_present_by(test))}
    known |= {key for predicate in subject.rule.predicates if (key := _present_in_all(predicate))}
    known |= {f"${name}" for name in subject.rule.zero_filtered_keys}
    pairs = [
        (f"${name}", key_of(binding.value))
        for name, definition in subject.rule.placeholders.items()
        for binding in definition.bindings
    ]
    pairs += [
        (key_of(test.node.left), key_of(test.node.right))
        for test in subject.required
        if isinstance(test.node, ex.Comparison) and test.node.operator == "=" and not test.is_negated
    ]
    is_growing = True
    while is_growing:
        before = len(known)
        for left, right in pairs:
            if left and right and (left in known or right in known):
                known |= {left, right}
        is_growing = len(known) > before
    return frozenset(known)


def _present_in_all(predicate: ex.Expression) -> str:
    """Return the key that all sides of an `or` show to be present, if they show the same."""
    if not isinstance(predicate, ex.Or):
        return ""
    keys = {
        _key_present_by(Clause(item, is_negated=False, is_required=True, span=item.span)) for item in predicate.items
    }
    return keys.pop() if len(keys) == 1 else ""


def _key_present_by(test: Clause) -> str:
    """Return the key of what a test shows to be present; the empty text if it shows nothing."""
    node = test.node
    if found := against(test):
        key = key_of(found.value)
        is_zero_constant = is_zero(found.constant)
        if (found.operator == "=" and not is_zero_constant) or (found.operator == "!=" and is_zero_constant):
            return key
        return key if found.operator == ">" and isinstance(found.constant.value, int | float) else ""
    if isinstance(node, ex.RegexMatch):
        matches_nothing = finds(node.pattern, "", is_nocase=node.is_nocase)
        return key_of(node.value) if matches_nothing == test.is_negated else ""
    if test.is_negated:
        return ""
    if isinstance(node, ex.Call) and node.function in (
        "strings.contains",
        "strings.starts_with",
        "strings.ends_with",
        "net.ip_in_range_cidr",
    ):
        wanted = node.arguments[-1]
        return key_of(node.arguments[0]) if isinstance(wanted, ex.Literal) and not is_zero(wanted) else ""
    if isinstance(node, ex.Membership):
        return key_of(node.value)  # a list has no empty line
    return ""

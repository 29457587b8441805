"""Field reads: from a written path to the schema's steps and type, with everything that can be wrong about it."""

from __future__ import annotations

import functools

from windshear.language import expressions as ex
from windshear.language.check.queries.stages import check_stage_field
from windshear.language.check.scope import Scope, source_of, unknown
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.query import RAW
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.types import BOOL, BYTES, FLOAT, INT, STRING, UINT, Kind, Type
from windshear.udm.paths import PathProblem, PathSegment, ResolvedPath, resolve, split_root

_SCALARS = {"string": STRING, "int": INT, "uint": UINT, "float": FLOAT, "bool": BOOL, "bytes": BYTES}
_MOST_LEAVES = 5


def check_field(path: tree.Path, scope: Scope, *, is_whole_list: bool = False) -> ex.Expression:
    """Return the typed read of a path; `is_whole_list` asks for the list itself instead of one element."""
    if path.variable is None:
        scope.errors.add(
            Diagnostic(
                checks.MISSING_VARIABLE, "the field is read from no variable", path.span, help="write `$e.` before it"
            )
        )
        return unknown(path.span)
    if path.variable in scope.relations:
        return check_stage_field(path, scope.relations[path.variable], scope)
    if not _is_known(path, path.variable, scope):
        return unknown(path.span)
    resolved = _resolved(path, scope)
    if resolved is None:
        return unknown(path.span)
    is_good = _quantifier_fits(path, resolved, scope)
    if is_whole_list and not resolved.is_repeated:
        scope.errors.add(
            Diagnostic(
                checks.WRONG_ARGUMENT, f"`{resolved.text}` is a single value, a repeated field is expected", path.span
            )
        )
        is_good = False
    value_type = resolved.type.list_of if is_whole_list else resolved.type
    quantifier = path.quantifier if is_good else None
    return ex.Field(path.variable, resolved, quantifier, is_whole_list, value_type, path.span)


def _is_known(path: tree.Path, variable: str, scope: Scope) -> bool:
    known = scope.names.events.get(variable)
    if known is None:
        message = f"`${variable}` is not an event variable of the events section"
        scope.errors.add(Diagnostic(checks.UNKNOWN_IN_OUTCOME, message, path.variable_span, label="new variable"))
        return False
    if source_of(path) != known.source:
        kinds = {"udm": "an event", "graph": "an entity", "detection": "a detection"}
        scope.errors.add(
            Diagnostic(
                checks.MIXED_RECORDS,
                f"`${variable}` is read as {kinds[source_of(path)]} here and as {kinds[known.source]} elsewhere",
                path.span,
                help=f"every path of `${variable}` begins with `.{known.source}.`" if known.source != "udm" else "",
            )
        )
        return False
    return True


def _resolved(path: tree.Path, scope: Scope) -> ex.FieldPath | None:
    for segment in path.segments:
        if segment.has_both:
            scope.errors.add(Diagnostic(checks.BAD_INDEX, "an index and a map key do not go together", segment.span))
            return None
        if segment.bad_index is not None:
            scope.errors.add(
                Diagnostic(
                    checks.BAD_INDEX,
                    f"the index of `{segment.name}` is not a literal non-negative integer",
                    segment.span,
                )
            )
            return None
    if scope.is_search and [segment.name for segment in path.segments] == [RAW]:
        return ex.FieldPath("udm", (ex.Step(RAW, is_repeated=False),), STRING)
    written = tuple(PathSegment(segment.name, segment.index, segment.key) for segment in path.segments)
    found, offset, is_deprecated = _resolve(written)
    if isinstance(found, PathProblem):
        _report_problem(path, found, offset, scope)
        return None
    if isinstance(found, ResolvedPath):
        _report_message(path, found, scope)
        return None
    if is_deprecated and found.source != "detection":  # composite rules have no other way to read these
        scope.notices.add(Diagnostic(checks.DEPRECATED_FIELD, f"`{found.text}` is deprecated", path.span))
    return found


def find_path(written: tuple[PathSegment, ...]) -> ex.FieldPath | PathProblem | ResolvedPath:
    """Return the field at the end of a written path, or what is wrong with it: a `ResolvedPath` stops too early."""
    return _resolve(written)[0]


@functools.lru_cache(maxsize=4096)
def _resolve(written: tuple[PathSegment, ...]) -> tuple[ex.FieldPath | PathProblem | ResolvedPath, int, bool]:
    """Return the path (or what is wrong with it: a `ResolvedPath` is one that stops early) and where it begins."""
    root, below = split_root(written)
    offset = len(written) - len(below)
    found = resolve(root, tuple(below))
    if isinstance(found, PathProblem) or found.is_message:
        return found, offset, False
    steps = tuple(ex.Step(step.name, step.is_repeated, step.index, step.key) for step in found.steps)
    return ex.FieldPath(root, steps, _type_of(found)), offset, found.is_deprecated


def _type_of(found: ResolvedPath) -> Type:
    if found.enumeration is not None:
        return Type(Kind.ENUM, enum=found.enumeration.name, zero_member=found.enumeration.zero_member)
    return _SCALARS[found.kind]


def _report_problem(path: tree.Path, problem: PathProblem, offset: int, scope: Scope) -> None:
    position = min(problem.segment + offset, len(path.segments) - 1)
    span = path.segments[position].span if path.segments else path.span
    where = f"`{problem.parent}`" if problem.parent else "this record"
    full = f"{problem.parent}.{problem.name}" if problem.parent else problem.name
    help_text = ""
    suggestion = None
    if problem.suggestions:
        help_text = f"did you mean `{problem.suggested_paths[0]}`?"
        suggestion = Suggestion(span, problem.suggestions[0])
    match problem.kind:
        case "empty-path":
            scope.errors.add(Diagnostic(checks.INCOMPLETE_PATH, "the path names no field", path.span))
        case "unknown-field":
            message = f"`{full}` is not a UDM field"
            label = f"no such field on {where}"
            scope.errors.add(
                Diagnostic(checks.UNKNOWN_FIELD, message, span, label=label, help=help_text, suggestion=suggestion)
            )
        case "not-a-message":
            scope.errors.add(
                Diagnostic(
                    checks.UNKNOWN_FIELD, f"`{problem.parent}` has no fields", span, label="a value, not a message"
                )
            )
        case "key-on-non-map":
            scope.errors.add(
                Diagnostic(
                    checks.BAD_KEY, f"`{full}` is not a map", span, label="no key can be read here", help=help_text
                )
            )
        case "index-on-scalar":
            scope.errors.add(
                Diagnostic(checks.BAD_INDEX, f"`{full}` is not a repeated field", span, help="leave the index out")
            )
        case "mixed-index":
            scope.errors.add(
                Diagnostic(
                    checks.BAD_INDEX,
                    f"`{full}` is repeated and has no index, others of this path have one",
                    span,
                    help=help_text,
                )
            )
        case "key-and-index":
            scope.errors.add(Diagnostic(checks.BAD_INDEX, "an index and a map key do not go together", span))


def _report_message(path: tree.Path, found: ResolvedPath, scope: Scope) -> None:
    message = found.message
    names = [] if message is None else [f.name for f in message.fields.values() if not f.is_deprecated]
    best = "seconds" if "seconds" in names else ""
    if best:
        help_text, suggestion = f"write `{found.text}.{best}`", Suggestion(_end(path.span), f".{best}")
    else:
        listed = ", ".join(f"`.{name}`" for name in names[:_MOST_LEAVES])
        help_text, suggestion = f"go on with one of its fields: {listed}", None
    scope.errors.add(
        Diagnostic(
            checks.INCOMPLETE_PATH,
            f"`{found.text}` is a message, not a value",
            path.span,
            help=help_text if names else "",
            suggestion=suggestion,
        )
    )


def _end(span: Span) -> Span:
    return Span(span.end, span.end)


def _quantifier_fits(path: tree.Path, resolved: ex.FieldPath, scope: Scope) -> bool:
    if path.quantifier is None or resolved.is_repeated:
        return True
    why = (
        "a map key reads one value"
        if resolved.is_map
        else "an index reads one value"
        if resolved.is_indexed
        else "it is not a repeated field"
    )
    scope.errors.add(
        Diagnostic(
            checks.MISPLACED_QUANTIFIER,
            f"`{path.quantifier}` cannot stand before `{resolved.text}`: {why}",
            path.span,
            help=f"leave `{path.quantifier}` out",
        )
    )
    return False

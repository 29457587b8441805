"""A syntax tree as one line of text with all brackets written, for tests that are about its shape."""

from windshear.language.syntax import tree


def shape(node: tree.Expression) -> str:
    """Return the tree as `(operator operand operand)`; groups are shown as `[…]`."""
    match node:
        case tree.StringLiteral(value) | tree.Word(value):
            return repr(value) if isinstance(node, tree.StringLiteral) else value
        case tree.RegexLiteral(pattern):
            return f"/{pattern}/"
        case tree.NumberLiteral(value) | tree.BoolLiteral(value):
            return str(value)
        case tree.DurationLiteral(text):
            return text
        case tree.Path():
            return _path(node)
        case tree.Variable(name):
            return f"${name}"
        case tree.Count(name):
            return f"#{name}"
        case tree.ListReference(name):
            return f"%{name}"
        case tree.TableColumn(table, column):
            return f"%{table}.{column}"
        case tree.NamedArgument(name, value):
            return f"{name}: {shape(value)}"
        case tree.Call():
            name = f"{node.quantifier} {node.function}" if node.quantifier else node.function
            return _nocase(f"{name}({', '.join(map(shape, node.arguments))})", is_nocase=node.is_nocase)
        case tree.If(condition, then, otherwise):
            return _list("if", condition, then, *([otherwise] if otherwise else []))
        case tree.Arithmetic(operator, left, right):
            return _list(operator, left, right)
        case tree.Comparison(operator, left, right, is_nocase):
            return _nocase(_list(operator, left, right), is_nocase=is_nocase)
        case _:
            return _condition(node)


def _condition(node: tree.Expression) -> str:
    match node:
        case tree.Membership(operand, kind, container, is_nocase):
            return _nocase(_list(f"in {kind}" if kind else "in", operand, container), is_nocase=is_nocase)
        case tree.IsNull(operand, is_negated):
            return _list("is-not-null" if is_negated else "is-null", operand)
        case tree.Not(operand):
            return _list("not", operand)
        case tree.Absent(operand):
            return _list("!", operand)
        case tree.And(items):
            return _list("and", *items)
        case tree.Or(items):
            return _list("or", *items)
        case tree.Group(inner):
            return f"[{shape(inner)}]"
        case tree.NOf(quantity, items):
            return _list(f"{quantity}-of", *items)
        case _:
            return "malformed"


def _list(head: str, *items: tree.Expression) -> str:
    return f"({' '.join([head, *map(shape, items)])})"


def _nocase(text: str, *, is_nocase: bool) -> str:
    return f"{text} nocase" if is_nocase else text


def _path(node: tree.Path) -> str:
    words = [f"${node.variable}"] if node.variable is not None else []
    for segment in node.segments:
        bracket = "" if segment.index is None else f"[{segment.index}]"
        bracket = bracket if segment.key is None else f"[{segment.key!r}]"
        bracket = bracket if segment.bad_index is None else f"[? {shape(segment.bad_index)}]"
        words.append(segment.name + bracket)
    path = ".".join(words)
    return f"{node.quantifier} {path}" if node.quantifier else path

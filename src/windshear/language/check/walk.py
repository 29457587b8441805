"""Going through the syntax tree without recursion."""

from __future__ import annotations

from collections.abc import Iterator

from windshear.language.syntax import tree


def children(node: tree.Expression) -> tuple[tree.Expression, ...]:
    """Return the direct operands of a node, in written order."""
    match node:
        case tree.Call(arguments=arguments):
            return arguments
        case tree.NamedArgument(value=value):
            return (value,)
        case tree.If(condition=condition, then=then, otherwise=otherwise):
            return (condition, then) if otherwise is None else (condition, then, otherwise)
        case tree.Arithmetic(left=left, right=right) | tree.Comparison(left=left, right=right):
            return (left, right)
        case tree.Membership(operand=operand, container=container):
            return (operand, container)
        case tree.IsNull(operand=operand) | tree.Not(operand=operand) | tree.Absent(operand=operand):
            return (operand,)
        case tree.And(items=items) | tree.Or(items=items) | tree.NOf(items=items):
            return items
        case tree.Group(inner=inner):
            return (inner,)
        case _:
            return ()


def walk(node: tree.Expression) -> Iterator[tree.Expression]:
    """Yield the node and everything below it, parents first, in written order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


def ungrouped(node: tree.Expression) -> tree.Expression:
    """Take off the parentheses around a node."""
    while isinstance(node, tree.Group):
        node = node.inner
    return node


def conjuncts(nodes: tuple[tree.Expression, ...]) -> Iterator[tree.Expression]:
    """Yield what must hold altogether: parentheses and written `and`s are opened."""
    stack = list(reversed(nodes))
    while stack:
        node = ungrouped(stack.pop())
        if isinstance(node, tree.And):
            stack.extend(reversed(node.items))
        else:
            yield node


def row_columns(node: tree.Expression) -> Iterator[tree.TableColumn]:
    """Yield the columns below a node that are read as values; after `in`, a column stands for all its rows."""
    stack = [node]
    while stack:
        match stack.pop():
            case tree.TableColumn() as column:
                yield column
            case tree.Membership(operand=operand):
                stack.append(operand)
            case other:
                stack.extend(reversed(children(other)))

"""From a part of the syntax tree and its tokens to a document: spaces, places for breaks, comments.

Every token of the text is put into the document, in order; the tree says only what belongs together and where lines
may be broken. So nothing of a rule can be lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Final

from windshear.language.format.layout import HARD, LINE, SOFT, SPACE, Break, Doc, Group, Nest, Text
from windshear.language.format.pieces import Comment, Piece
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax import tree
from windshear.language.syntax.tokens import Token

Node = tree.Expression | tree.Assignment | tree.MetaEntry | tree.Match | tree.Window | tree.Option | tree.GraphOperation

_LEAVES: Final = (
    tree.StringLiteral,
    tree.RegexLiteral,
    tree.NumberLiteral,
    tree.BoolLiteral,
    tree.DurationLiteral,
    tree.Path,
    tree.Variable,
    tree.Count,
    tree.ListReference,
    tree.TableColumn,
    tree.Word,
)
_NAMED: Final = (tree.Call, tree.GraphOperation, tree.NamedArgument, tree.MetaEntry, tree.Option)
_CHAINS: Final = (tree.And, tree.Or, tree.Arithmetic)
_SIGNS: Final = frozenset("+-*/%")
_QUANTIFIERS: Final = frozenset({"any", "all"})
_OPENING: Final = frozenset("([")
_CLOSING: Final = frozenset(")]")
# A comment before one of these goes behind it, so that lines end with an operator and do not begin with one.
_STAYS_ON_LINE: Final = frozenset({"and", "or", ",", "nocase", "=", "!=", "<", "<=", ">", ">="}) | _SIGNS
_NOTHING: Final = Text("")


class Weaver:
    """Walks over the pieces of a text once, from left to right, and makes documents of them."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        """Begin before the first piece."""
        self._pieces = pieces
        self._next = 0
        self._held: tuple[Comment, ...] = ()

    @property
    def current(self) -> Piece:
        """The piece that comes next."""
        return self._pieces[self._next]

    def take(self) -> Token:
        """Pass one piece whose comments somebody else has written; return its token."""
        self._next += 1
        return self._pieces[self._next - 1].token

    def statement(self, node: Node) -> list[Doc]:
        """Return the document of a part that begins at the current piece; the comments before it are not in it."""
        parts = [self._node(node, None, is_first=True)]
        held, self._held = self._held, ()
        return [*parts, *_docs(held)]

    def _node(self, node: Node, parent: Node | None, *, is_first: bool) -> Doc:
        """Return a node's document. is_first: the comments before its first token have been written."""
        children = [] if isinstance(node, _LEAVES) else _children(node)
        hangs = _hangs(node, parent) and self.current.token.text not in _OPENING
        parts: list[Doc] = []
        outer: list[list[Doc]] = []  # what stands before brackets that are open
        before: Token | None = None
        while (piece := self.current).token.start < node.span.end and piece.token.kind != kinds.END:
            token = piece.token
            child = children.pop(0) if children and children[0].span.start <= token.start else None
            if child is None and outer and token.text in _CLOSING:
                inner, parts = parts, outer.pop()
                parts += self._closed(inner, piece)
            elif not is_first:
                parts += self._between(piece, _gap(node, before, token, is_own=child is None))
            is_first = False
            if child is not None:
                parts.append(self._node(child, node, is_first=True))
            else:
                parts.append(Text(_spelling(node, before, self.take())))
                if token.text in _OPENING and not isinstance(node, _LEAVES):
                    outer.append(parts)
                    parts = []
            before = self._pieces[self._next - 1].token
        while outer:
            parts = [*outer.pop(), Nest(parts)]
        return Group([Nest(parts)] if hangs else parts)

    def _closed(self, inner: list[Doc], piece: Piece) -> list[Doc]:
        """Return what stands between an opening and the closing bracket at `piece`."""
        comments, self._held = (*self._held, *piece.comments), ()
        content = [*inner, *_docs(comments)]
        if not content:
            return []
        return [Nest(content), HARD if comments else SOFT]

    def _between(self, piece: Piece, gap: Doc) -> list[Doc]:
        """Return what stands before a piece: a gap, or comments."""
        comments, self._held = (*self._held, *piece.comments), ()
        if not comments:
            return [gap]
        if piece.token.kind in _STAYS_ON_LINE:
            self._held = comments
            return [gap]
        last = comments[-1]
        if last.is_block and not last.begins_line:
            return [*_docs(comments), gap if isinstance(gap, Break) and gap.flat else SPACE]
        return [*_docs(comments), HARD]


def _docs(comments: Sequence[Comment]) -> Iterator[Doc]:
    ends_line = False
    for comment in comments:
        yield HARD if comment.begins_line or ends_line else SPACE
        yield comment.doc()
        ends_line = not comment.is_block


def _gap(node: Node, before: Token | None, token: Token, *, is_own: bool) -> Doc:
    """Return what stands between two tokens of a node. is_own: the second belongs to the node itself."""
    if before is None:
        return _NOTHING
    if isinstance(node, _LEAVES):
        return SPACE if before.kind in _QUANTIFIERS else _NOTHING
    if before.text in _OPENING:
        return SOFT
    if token.text in (",", ":", ".") or before.text in ("!", "."):
        return _NOTHING
    if is_own and token.text == "(":
        return _NOTHING
    if before.kind in (",", "and", "or") or (isinstance(node, tree.Arithmetic) and before.text in _SIGNS):
        return LINE
    return SPACE


def _hangs(node: Node, parent: Node | None) -> bool:
    """Return whether the further lines of a node are further in than its first, if that is no bracket."""
    if isinstance(node, tree.Match):
        return True
    if not isinstance(node, _CHAINS) or isinstance(parent, tree.Group):
        return False
    return not (isinstance(parent, tree.Call | tree.If | tree.NOf) and len(_children(parent)) == 1)


def _spelling(node: Node, before: Token | None, token: Token) -> str:
    """Return a token's text, keywords in small letters; names that only look like keywords stay as they are."""
    if token.kind not in kinds.KEYWORDS:
        return token.text
    if isinstance(node, tree.BoolLiteral) or token.kind == "nocase":
        return token.text.lower()
    is_quantifier = before is None and token.kind in _QUANTIFIERS
    if isinstance(node, (*_LEAVES, *_NAMED)) and not is_quantifier:
        return token.text
    return token.text.lower()


def _children(node: Node) -> list[Node]:
    """Return the parts of a node in the order of the text; a chain of the same operators counts as one node."""
    found: list[Node] = []
    for each in fields(node):
        value = getattr(node, each.name)
        for item in value if isinstance(value, tuple) else (value,):
            if not isinstance(item, Node):  # spans and plain values
                continue
            if isinstance(node, tree.Arithmetic) and isinstance(item, tree.Arithmetic) and _binds_alike(node, item):
                found += _children(item)
            else:
                found.append(item)
    return sorted(found, key=lambda child: child.span.start)


def _binds_alike(one: tree.Arithmetic, other: tree.Arithmetic) -> bool:
    return (one.operator in "+-") == (other.operator in "+-")

"""Knots of a graph: its strongly connected components, found without recursion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping


def knots(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the nodes in groups in which each leads to each (Tarjan's algorithm); every target is a node, too.

    >>> knots({"a": ["b"], "b": ["a", "c"], "c": []})
    [['c'], ['a', 'b']]
    """
    walk = _Walk(graph)
    for node in graph:
        if node not in walk.index:
            walk.start_at(node)
    return walk.found


class _Walk:
    """The state of the search: when each node was first seen, and how far back it leads."""

    def __init__(self, graph: Mapping[str, Iterable[str]]) -> None:
        self.index: dict[str, int] = {}
        self.found: list[list[str]] = []
        self._graph = graph
        self._lowest: dict[str, int] = {}
        self._open: list[str] = []
        self._is_open: set[str] = set()

    def start_at(self, root: str) -> None:
        """Search everything that a node leads to."""
        path: list[tuple[str, Iterator[str]]] = [self._enter(root)]
        while path:
            node, targets = path[-1]
            target = next(targets, None)
            if target is None:
                path.pop()
                if path:
                    self._leads_back(path[-1][0], self._lowest[node])
                if self._lowest[node] == self.index[node]:
                    self._close(node)
            elif target not in self.index:
                path.append(self._enter(target))
            elif target in self._is_open:
                self._leads_back(node, self.index[target])

    def _enter(self, node: str) -> tuple[str, Iterator[str]]:
        self.index[node] = self._lowest[node] = len(self.index)
        self._open.append(node)
        self._is_open.add(node)
        return node, iter(self._graph[node])

    def _leads_back(self, node: str, index: int) -> None:
        self._lowest[node] = min(self._lowest[node], index)

    def _close(self, node: str) -> None:
        place = self._open.index(node)
        knot, self._open[place:] = self._open[place:], []
        self._is_open.difference_update(knot)
        self.found.append(knot)

"""Mappings: the fields of a log type in another of the forms that its documentation has had.

A form is told by what it leaves out of the whole and what it fills otherwise, each named like a column:
`target.user.userid`, `security_result.rule_id`, `additional.fields["riskState"]`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from windshear.logs.parser import Element, Labels, Listed, Messages, Repeated, Scalar, UdmValue
from windshear.logs.values import Value


@dataclass(frozen=True, slots=True)
class Form:
    """What a form of the fields has not, and what it has from elsewhere."""

    without: Collection[str]
    instead: Mapping[str, Value] = field(default_factory=dict)

    def of(self, fields: Sequence[UdmValue]) -> tuple[UdmValue, ...]:
        """Return the fields in this form; ValueError if it names what is not there."""
        unknown = {*self.without, *self.instead} - set(_names(fields, ""))
        if unknown:
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        return tuple(self._kept(fields, ""))

    def _kept(self, fields: Sequence[UdmValue], above: str) -> Iterator[UdmValue]:
        for declared in fields:
            name = above + declared.name
            if name in self.without:
                continue
            match declared:
                case Scalar():
                    yield replace(declared, value=self.instead.get(name, declared.value))
                case Repeated() | Listed():
                    yield declared
                case Labels():
                    entries = (entry for entry in declared.entries if f'{name}["{entry.key}"]' not in self.without)
                    yield replace(declared, entries=tuple(entries))
                case Messages():
                    elements = (self._element(element, name) for element in declared.elements)
                    yield replace(declared, elements=tuple(elements))

    def _element(self, element: Element, name: str) -> Element:
        members = [
            member
            for member in self._kept(element.members, name + ".")
            if not isinstance(member, Messages | Listed)  # those are no members of messages
        ]
        return replace(element, members=tuple(members))


def _names(fields: Sequence[UdmValue], above: str) -> Iterator[str]:
    for declared in fields:
        name = above + declared.name
        yield name
        if isinstance(declared, Labels):
            yield from (f'{name}["{entry.key}"]' for entry in declared.entries)
        if isinstance(declared, Messages):
            for element in declared.elements:
                yield from _names(element.members, name + ".")

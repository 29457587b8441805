"""Fields cut out of records of the Linux audit log, many at a time: those that somebody asks for, and no others.

One pattern over the column tells the records that hold nothing but words and fields, one after the other; the places
of the signs between them tell where the fields are that are asked for, in all records at once. Every other record is
read by `audit_fields.fields_of`, which is the meaning: here it is only reached faster.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.audit_fields import ABSENT, ENCODED, decoded_text, fields_of
from windshear.logs.record import Indices
from windshear.logs.text_slices import places, slices

_Bytes = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]
UNCUT = frozenset(["msg", "seresult", "seperms"])  # fields that are no piece of a record

_LINES_TOGETHER = 4_000  # few enough for the processor to keep at hand what is worked on
_WORD = 8  # bytes

_SIGN = "[!#-&(-<>-~]"  # printable ASCII but for blanks, quotes and `=`
_FIELD = rf'\(?[A-Za-z_][A-Za-z0-9_.-]*=(?:"{_SIGN}*"|=?(?:[!#-&(-<>-z|}}~]{_SIGN}*)?)'
_TOKENS = rf"(?:{_FIELD}|{_SIGN}+)(?:[ \x1d]+(?:{_FIELD}|{_SIGN}+))*"
_MESSAGE = rf"msg='[ \x1d]*(?:{_TOKENS}[ \x1d]*)?'"
_QUICK = rf"^ +(?:{_TOKENS}|(?:{_TOKENS}[ \x1d]+)?{_MESSAGE}(?:[ \x1d]*{_TOKENS})?)$"
_OLD = b"=?, "  # `msg='PAM: session open acct="root" (hostname=?, addr=?, terminal=cron res=success)'`

_EQUALS, _QUOTE, _APOSTROPHE, _OPENING = (ord(sign) for sign in "=\"'(")
_IS_BETWEEN = bytes(sign in b" =\"'\x1d" for sign in range(256))
_AROUND = b" " * _WORD


def _table(signs: bytes) -> _Mask:
    found = np.zeros(256, np.bool_)
    found[list(signs)] = True
    return found


_IS_TRIMMED = _table(b",)")
_ABSENT = pa.array(sorted(ABSENT))


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields as they are written, in the order of the records: of which record and column each is, and its text.

    form: _BARE where a text may be written in hexadecimal.
    """

    row: Indices
    column: Indices
    form: Indices
    texts: pa.StringArray

    def take(self, chosen: Indices) -> Fields:
        """Return some of the fields."""
        texts = self.texts.take(pa.array(chosen))
        return Fields(self.row[chosen], self.column[chosen], self.form[chosen], texts)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for: names of fields.

    keys: the last eight signs of each name, whose size is in `sizes`. The upper bits of a key, times the multiplier,
    tell the name. is_told: whether it tells all names apart.
    """

    columns: Mapping[tuple[int, str], int]
    names: list[str]
    keys: npt.NDArray[np.uint64]
    sizes: Indices
    multiplier: np.uint64
    is_told: bool
    name_of: Indices
    column_of: Indices  # by kind and name; _NONE where nobody asks


_NONE = -1
_QUOTED, _BARE = 0, 1
_MULTIPLIER = 0x9E3779B97F4A7C15
_UPPER_BITS = 12


def _hashes(keys: npt.NDArray[np.uint64], multiplier: np.uint64) -> Indices:
    return ((keys * multiplier) >> np.uint64(64 - _UPPER_BITS)).astype(np.int64)


def _asked(columns: Mapping[tuple[int, str], int]) -> _Asked:
    names = list(dict.fromkeys(name for _, name in columns))
    keys = np.array([int.from_bytes(name.encode()[-_WORD:], "little") for name in names], np.uint64)
    tried = (np.uint64(_MULTIPLIER * odd % (1 << 64)) for odd in range(1, 1_000, 2))
    good = (one for one in tried if len(np.unique(_hashes(keys, one))) == len(keys))
    multiplier = next(good, np.uint64(0))
    name_of = np.zeros(1 << _UPPER_BITS, np.int64)
    name_of[_hashes(keys, multiplier)] = np.arange(len(keys))
    column_of = np.full((max(kind for kind, _ in columns) + 1, len(names)), _NONE, np.int64)
    for (kind, name), column in columns.items():
        column_of[kind, names.index(name)] = column
    sizes = np.array([len(name) for name in names], np.int64)
    return _Asked(columns, names, keys, sizes, multiplier, bool(multiplier), name_of, column_of)


def find_fields(bodies: pa.StringArray, kinds: Indices, columns: Mapping[tuple[int, str], int]) -> Fields:
    """Return the fields that are asked for.

    bodies: what stands behind the serials, with the blank before it. kinds: a number for each. columns: by kind and
    name of a field, the column that asks for it, numbered from 0.
    """
    asked = _asked(columns)
    parts = []
    for start in range(0, max(1, len(bodies)), _LINES_TOGETHER):
        part = bodies.slice(start, _LINES_TOGETHER)
        found = _found(part, kinds[start : start + len(part)], asked)
        parts.append(Fields(found.row + start, found.column, found.form, found.texts))
    return _joined(parts)


def read_fields(fields: Fields, names: Sequence[str]) -> list[tuple[Indices, pa.StringArray]]:
    """Return for each column the records that have its field, in order, and what it says.

    names: of each column's field.

    >>> fields = find_fields(pa.array([' pid=1 comm=6120', ' tty=(none)']), np.array([0, 0]), {(0, "comm"): 0})
    >>> rows, values = read_fields(fields, ["comm"])[0]
    >>> rows.tolist(), values.to_pylist()
    ([0], ['a '])
    """
    is_encoded = np.array([name in ENCODED for name in names], np.bool_)
    fields = _decoded(fields, np.flatnonzero((fields.form == _BARE) & is_encoded[fields.column]))
    is_there = ~pc.is_in(fields.texts, _ABSENT).to_numpy(zero_copy_only=False)
    order = np.argsort(fields.column.astype(np.int16), kind="stable")
    fields = fields.take(order[is_there[order]])
    is_again = (np.diff(fields.row, prepend=_NONE) == 0) & (np.diff(fields.column, prepend=_NONE) == 0)
    if is_again.any():  # of a name that repeats the first counts
        fields = fields.take(np.flatnonzero(~is_again))
    ends = np.cumsum(np.bincount(fields.column, minlength=len(names))).tolist()
    return [(fields.row[first:last], fields.texts.slice(first, last - first)) for first, last in pairwise([0, *ends])]


def _decoded(fields: Fields, places_: Indices) -> Fields:
    """Decode the texts at some places, equal ones once."""
    if not len(places_):
        return fields
    distinct = fields.texts.take(pa.array(places_)).dictionary_encode()
    decoded = pa.array(map(decoded_text, distinct.dictionary.to_pylist()), pa.string())
    is_decoded = np.zeros(len(fields.row), np.bool_)
    is_decoded[places_] = True
    texts = pc.replace_with_mask(fields.texts, pa.array(is_decoded), decoded.take(distinct.indices))
    return Fields(fields.row, fields.column, fields.form, texts)


def _joined(parts: Sequence[Fields]) -> Fields:
    if len(parts) == 1:
        return parts[0]
    return Fields(
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.form for part in parts]),
        pa.concat_arrays([part.texts for part in parts]),
    )


def _found(bodies: pa.StringArray, kinds: Indices, asked: _Asked) -> Fields:
    if not asked.is_told:
        return _carefully(bodies, kinds, asked)
    is_quick = pc.match_substring_regex(bodies, _QUICK).to_numpy(zero_copy_only=False)
    if is_quick.all():
        return _quickly(bodies, kinds, asked)
    parts = []
    for way, rows in ((_quickly, np.flatnonzero(is_quick)), (_carefully, np.flatnonzero(~is_quick))):
        found = way(bodies.take(pa.array(rows)), kinds[rows], asked)
        parts.append(Fields(rows[found.row], found.column, found.form, found.texts))
    fields = _joined(parts)
    return fields.take(np.argsort(fields.row, kind="stable"))


def _carefully(bodies: pa.StringArray, kinds: Indices, asked: _Asked) -> Fields:
    """Read records one by one, but equal ones once."""
    distinct = bodies.dictionary_encode()
    fields = [fields_of(body.encode()) for body in distinct.dictionary.to_pylist()]
    of_kind: dict[int, list[tuple[str, int]]] = {}
    for (kind, name), column in asked.columns.items():
        of_kind.setdefault(kind, []).append((name, column))
    found = [
        (row, column, fields[body][name])
        for row, (body, kind) in enumerate(zip(distinct.indices.to_pylist(), kinds.tolist(), strict=True))
        for name, column in of_kind.get(kind, ())
        if name in fields[body]
    ]
    rows, columns = (np.array([one[at] for one in found], np.int64) for at in range(2))
    return Fields(rows, columns, np.full(len(found), _QUOTED), pa.array([text for _, _, text in found], pa.string()))


def _quickly(bodies: pa.StringArray, kinds: Indices, asked: _Asked) -> Fields:
    """Find the fields by the signs between them. Bodies begin with blanks, so those before them end there."""
    data, starts = places(bodies)
    held = b"".join((_AROUND, memoryview(data)[int(starts[0]) : int(starts[-1])], _AROUND))
    starts += _WORD - starts[0]
    text = np.frombuffer(held, np.uint8)
    at = np.flatnonzero(np.frombuffer(held.translate(_IS_BETWEEN), np.bool_))
    sign = text[at]
    equals, name = _named(text, at, np.flatnonzero(sign == _EQUALS), asked)
    row = np.repeat(np.arange(len(bodies)), np.diff(np.searchsorted(at[equals], starts)))
    column = asked.column_of[kinds[row], name]
    is_asked = column != _NONE
    equals, row, column = equals[is_asked], row[is_asked], column[is_asked]
    is_double = text[at[equals] + 1] == _EQUALS  # some kernels write `subj==`
    equals += is_double
    start = at[equals] + 1
    is_quoted = text[start] == _QUOTE
    start += is_quoted
    end = at[equals + 1 + is_quoted]
    if _OLD.rstrip() in held:  # quicker to search for, as blanks are many
        _trim(held, at[sign == _APOSTROPHE], starts, row, start, end)
    form = np.where(is_quoted | is_double, _QUOTED, _BARE)
    return Fields(row, column, form, slices(pa.py_buffer(held), start, end))


def _named(text: _Bytes, at: Indices, equals: Indices, asked: _Asked) -> tuple[Indices, Indices]:
    """Return which of the signs stand behind names that are asked for, and the numbers of the names."""
    where = at[equals]
    begin = at[equals - 1] + 1
    begin += text[begin] == _OPENING
    sizes = where - begin
    eights = np.ndarray((len(text) - _WORD + 1,), "<u8", text.data, strides=(1,))
    unused = _WORD * (_WORD - np.minimum(sizes, _WORD))
    keys = eights[where - _WORD] >> unused.astype(np.uint64)
    name = asked.name_of[_hashes(keys, asked.multiplier)]
    found = np.flatnonzero(asked.keys[name] == keys)
    is_name = sizes[found] == asked.sizes[name[found]]
    for number, long in enumerate(asked.names):
        maybe = np.flatnonzero(name[found] == number) if len(long) > _WORD else ()
        if len(maybe):
            written = np.ndarray((len(text) - len(long) + 1,), f"S{len(long)}", text.data, strides=(1,))
            is_name[maybe] &= written[begin[found[maybe]]] == long.encode()
    found = found[is_name]
    return equals[found], name[found]


def _trim(held: bytes, marks: Indices, starts: Indices, row: Indices, start: Indices, end: Indices) -> None:
    """Take commas and brackets off the ends of values in old messages.

    marks: signs that messages stand between, two of a record. starts: of records. row, start, end: of values.
    """
    text = np.frombuffer(held, np.uint8)
    found = np.array([place.start() for place in re.finditer(re.escape(_OLD), held)], np.int64)
    before = np.searchsorted(marks, starts)

    def inside(at: Indices, row: Indices) -> _Mask:
        is_inside: _Mask = np.searchsorted(marks, at) - before[row] == 1
        return is_inside

    row_of = np.searchsorted(starts, found, "right") - 1
    is_old = np.zeros(len(starts), np.bool_)
    is_old[row_of[inside(found, row_of)]] = True
    left = np.flatnonzero(is_old[row] & (text[start - 1] != _QUOTE))
    left = left[inside(start[left], row[left])]
    while len(left):
        left = left[(end[left] > start[left]) & _IS_TRIMMED[text[end[left] - 1]]]
        end[left] -= 1

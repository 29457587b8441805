"""Fields cut out of records of the Linux audit log, many at a time: those that somebody asks for, and no others.

One pattern over the column tells the records that hold nothing but words and fields, one after the other; the places
of the signs between them tell where the fields are that are asked for, in all records at once. Every other record is
read by `audit_fields.fields_of`, which is the meaning: here it is only reached faster.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
Cut = tuple[Indices, pa.StringArray]

UNCUT = frozenset(["msg", "seresult", "seperms"])  # fields that are no piece of a record

_LINES_TOGETHER = 16_000  # few enough for the processor to keep at hand what is worked on
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


_IS_HEXADECIMAL, _IS_TRIMMED = _table(b"0123456789ABCDEF"), _table(b",)")
_BEGINS_ABSENT = _table(bytes(text.encode()[0] for text in ABSENT if text))
_ABSENT, _MOST_ABSENT = pa.array(sorted(ABSENT)), max(map(len, ABSENT))


def cut_fields(bodies: pa.StringArray, kinds: Indices, columns: Mapping[tuple[int, str], int]) -> list[Cut]:
    """Return for each column the records that have its field, by their places, in order, and the field's values.

    bodies: what stands behind the serials, with the blank before it. kinds: a number for each. columns: by kind and
    name of a field, the column that asks for it, numbered from 0.

    >>> rows, values = cut_fields(pa.array([' pid=1 comm=6120', ' tty=(none)']), np.array([0, 0]), {(0, "comm"): 0})[0]
    >>> rows.tolist(), values.to_pylist()
    ([0], ['a '])
    """
    if not columns:
        return []
    asked = _asked(columns)
    parts = []
    for start in range(0, max(1, len(bodies)), _LINES_TOGETHER):
        part = bodies.slice(start, _LINES_TOGETHER)
        found = _cut(part, kinds[start : start + len(part)], asked)
        parts.append([(rows + start, values) for rows, values in found])
    if len(parts) == 1:
        return parts[0]
    return [
        (np.concatenate([rows for rows, _ in cuts]), pa.concat_arrays([values for _, values in cuts]))
        for cuts in zip(*parts, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for. Names stand in the order of their keys, which are made of their last signs and their sizes."""

    columns: Mapping[tuple[int, str], int]
    count: int
    names: list[str]
    keys: npt.NDArray[np.uint64]
    column_of: Indices  # by kind and name; _NONE where nobody asks
    is_encoded: _Mask


_NONE, _BARE = -1, -2
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def _keys(words: npt.NDArray[np.uint64], sizes: Indices) -> npt.NDArray[np.uint64]:
    """Tell names apart by their last eight signs, fewer with zeros behind, and by their sizes."""
    return words + sizes.astype(np.uint64) * _MULTIPLIER


def _asked(columns: Mapping[tuple[int, str], int]) -> _Asked:
    names = list(dict.fromkeys(name for _, name in columns))
    words = np.array([int.from_bytes(name.encode()[-_WORD:], "little") for name in names], np.uint64)
    keys = _keys(words, np.array([len(name) for name in names], np.int64))
    order = np.argsort(keys)
    names = [names[place] for place in order]
    column_of = np.full((max(kind for kind, _ in columns) + 1, len(names)), _NONE, np.int64)
    is_encoded = np.zeros(max(columns.values()) + 1, np.bool_)
    for (kind, name), column in columns.items():
        column_of[kind, names.index(name)] = column
        is_encoded[column] = name in ENCODED
    return _Asked(columns, len(is_encoded), names, keys[order], column_of, is_encoded)


def _cut(bodies: pa.StringArray, kinds: Indices, asked: _Asked) -> list[Cut]:
    is_quick = pc.match_substring_regex(bodies, _QUICK).to_numpy(zero_copy_only=False)
    if is_quick.all():
        return _quickly(bodies, kinds, asked)
    parts: list[list[Cut]] = []
    for way, rows in ((_quickly, np.flatnonzero(is_quick)), (_carefully, np.flatnonzero(~is_quick))):
        found = way(bodies.take(pa.array(rows)), kinds[rows], asked)
        parts.append([(rows[places_], values) for places_, values in found])
    return [_merged(one, other) for one, other in zip(*parts, strict=True)]


def _merged(one: Cut, other: Cut) -> Cut:
    if not len(other[0]):
        return one
    rows = np.concatenate([one[0], other[0]])
    order = np.argsort(rows)
    return rows[order], pa.concat_arrays([one[1], other[1]]).take(pa.array(order))


def _carefully(bodies: pa.StringArray, kinds: Indices, asked: _Asked) -> list[Cut]:
    """Read records one by one, but equal ones once."""
    distinct = bodies.dictionary_encode()
    fields = [fields_of(body.encode()) for body in distinct.dictionary.to_pylist()]
    of_kind: dict[int, list[tuple[str, int]]] = {}
    for (kind, name), column in asked.columns.items():
        of_kind.setdefault(kind, []).append((name, column))
    found: list[dict[int, str]] = [{} for _ in range(asked.count)]
    for row, (body, kind) in enumerate(zip(distinct.indices.to_pylist(), kinds.tolist(), strict=True)):
        for name, column in of_kind.get(kind, ()):
            if name in fields[body]:
                found[column][row] = fields[body][name]
    return [(np.array(list(values), np.int64), pa.array(values.values(), pa.string())) for values in found]


@dataclass(slots=True)
class _Values:
    """Where values stand in a text, and of which rows and columns they are; in the order of columns, then of rows."""

    start: Indices
    end: Indices
    row: Indices
    column: Indices
    decoded: Indices  # the number of the text that it stands for; _BARE or _NONE where it is a text itself

    def keep(self, chosen: Indices | _Mask) -> None:
        """Leave some of the values."""
        self.start, self.end, self.row = self.start[chosen], self.end[chosen], self.row[chosen]
        self.column, self.decoded = self.column[chosen], self.decoded[chosen]


def _quickly(bodies: pa.StringArray, kinds: Indices, asked: _Asked) -> list[Cut]:
    """Find the fields by the signs between them. Bodies begin with blanks, so those before them end there."""
    if not len(bodies):
        return [(np.zeros(0, np.int64), bodies)] * asked.count
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
    values = _values(at, sign, equals[is_asked], row[is_asked], column[is_asked])
    if _OLD in held:
        _trim(held, text, at[sign == _APOSTROPHE], starts, values)
    buffer = pa.py_buffer(held)
    texts = _present(buffer, text, values, asked)
    values.keep(np.argsort(values.column.astype(np.int16), kind="stable"))
    is_again = (np.diff(values.row, prepend=_NONE) == 0) & (np.diff(values.column, prepend=_NONE) == 0)
    if is_again.any():
        values.keep(~is_again)
    ends = np.cumsum(np.bincount(values.column, minlength=asked.count)).tolist()
    found: list[Cut] = []
    for first, last in pairwise([0, *ends]):
        part = slices(buffer, values.start[first:last], values.end[first:last])
        decoded = values.decoded[first:last]
        is_decoded = decoded >= 0
        if is_decoded.any():
            part = pc.replace_with_mask(part, pa.array(is_decoded), texts.take(pa.array(decoded[is_decoded])))
        found.append((values.row[first:last], part))
    return found


def _named(text: _Bytes, at: Indices, equals: Indices, asked: _Asked) -> tuple[Indices, Indices]:
    """Return which of the signs stand behind names that are asked for, and the numbers of the names."""
    where = at[equals]
    begin = at[equals - 1] + 1
    begin += text[begin] == _OPENING
    sizes = where - begin
    eights = np.ndarray((len(text) - _WORD + 1,), "<u8", text.data, strides=(1,))
    unused = _WORD * (_WORD - np.clip(sizes, 1, _WORD))
    keys = _keys(eights[where - _WORD] >> unused.astype(np.uint64), sizes)
    name = np.minimum(np.searchsorted(asked.keys, keys), len(asked.names) - 1)
    found = np.flatnonzero(asked.keys[name] == keys)
    is_name = np.ones(len(found), np.bool_)
    for number, long in enumerate(asked.names):
        if len(long) > _WORD:
            maybe = np.flatnonzero(name[found] == number)
            written = np.ndarray((len(text) - len(long) + 1,), f"S{len(long)}", text.data, strides=(1,))
            is_name[maybe] = written[begin[found[maybe]]] == long.encode()
    found = found[is_name]
    return equals[found], name[found]


def _values(at: Indices, sign: _Bytes, equals: Indices, row: Indices, column: Indices) -> _Values:
    """Return the values behind some signs."""
    is_double = (sign[equals + 1] == _EQUALS) & (at[equals + 1] == at[equals] + 1)  # some kernels write `subj==`
    equals = equals + is_double
    start = at[equals] + 1
    is_quoted = (sign[equals + 1] == _QUOTE) & (at[equals + 1] == start)
    return _Values(
        start + is_quoted, at[equals + 1 + is_quoted], row, column, np.where(is_quoted | is_double, _NONE, _BARE)
    )


def _trim(held: bytes, text: _Bytes, marks: Indices, starts: Indices, values: _Values) -> None:
    """Take commas and brackets off the ends of values in old messages."""
    found = np.array([place.start() for place in re.finditer(re.escape(_OLD), held)], np.int64)
    before = np.searchsorted(marks, starts)  # signs that messages stand between, two of a record

    def inside(at: Indices, row: Indices) -> _Mask:
        is_inside: _Mask = np.searchsorted(marks, at) - before[row] == 1
        return is_inside

    row = np.searchsorted(starts, found, "right") - 1
    is_old = np.zeros(len(starts), np.bool_)
    is_old[row[inside(found, row)]] = True
    left = np.flatnonzero(is_old[values.row] & (text[values.start - 1] != _QUOTE))
    left = left[inside(values.start[left], values.row[left])]
    while len(left):
        left = left[(values.end[left] > values.start[left]) & _IS_TRIMMED[text[values.end[left] - 1]]]
        values.end[left] -= 1


def _present(buffer: pa.Buffer, text: _Bytes, values: _Values, asked: _Asked) -> pa.StringArray:
    """Leave out the values that say that there is none; return the texts of those that are decoded."""
    first, sizes = text[values.start], values.end - values.start
    is_left = sizes > 0
    written = np.flatnonzero(
        (values.decoded == _BARE) & asked.is_encoded[values.column] & _IS_HEXADECIMAL[first] & is_left
    )
    distinct = slices(buffer, values.start[written], values.end[written]).dictionary_encode()
    texts = pa.array(map(decoded_text, distinct.dictionary.to_pylist()), pa.string())
    values.decoded[written] = distinct.indices.to_numpy()
    is_left[written] = ~_are_absent(texts)[values.decoded[written]]
    maybe = np.flatnonzero((sizes <= _MOST_ABSENT) & _BEGINS_ABSENT[first] & (values.decoded < 0))
    is_left[maybe] &= ~_are_absent(slices(buffer, values.start[maybe], values.end[maybe]))
    if not is_left.all():
        values.keep(is_left)
    return texts


def _are_absent(texts: pa.StringArray) -> _Mask:
    found: _Mask = pc.is_in(texts, _ABSENT).to_numpy(zero_copy_only=False)
    return found

"""Plain records of the Linux audit log, many at a time: fields one after the other, nothing that needs escaping.

Most records are plain. One pattern over the column tells which; these become members of JSON objects by writing over,
deleting and replacing signs in all of them at once, and no record is looked at on its own. What
`audit_fields.fields_of` reads one by one is the meaning; here it is only reached faster, and both give the same fields.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.audit_fields import ABSENT, ENCODED
from windshear.logs.record import Indices
from windshear.logs.text_slices import places, slices

_Bytes = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint64]
_Mask = npt.NDArray[np.bool_]

# Signs by themselves. A quotation mark is deleted in the end, so what shall go is written over with one.
_BLANK, _DELETED, _APOSTROPHE, _SIGN, _LINE_END, _BEHIND = (ord(sign) for sign in " \"'=\n\x1d")
_END = 4  # stands behind each record, where a quotation mark shall be
# The signs between fields become others before they are replaced, so that a decoded text may hold them, too.
_BETWEEN, _EQUALS, _INNER_BLANK, _INNER_SIGN = 5, 6, 1, 2
_WRITTEN = bytes.maketrans(
    bytes([_END, _BLANK, _BEHIND, _SIGN, _INNER_BLANK, _INNER_SIGN]),
    b'"' + bytes([_BETWEEN, _BETWEEN, _EQUALS]) + b" =",
)
_PADDING = bytes(24)  # more than is looked at behind the last field

_NAME = "[A-Za-z_][A-Za-z0-9_.-]*"
_REST = r"[!#-&(-<>-\[\]-~]*"
_BARE = rf"[!#-&*-<>@-\[\]-~]{_REST}"
_FIELD = rf'{_NAME}=(?:\((?:null|none)\)|\?|"[!#-&(-<>-\[\]-~]+"|{_BARE}|={_BARE})'
_FIELDS = rf"{_FIELD}(?:[ \x1d]+{_FIELD})*"
_MESSAGE = rf"msg='{_FIELDS}'(?:[ \x1d]*{_FIELDS})?"
_PLAIN = rf"^ +(?:{_FIELDS}(?: +{_MESSAGE})?|{_MESSAGE})$"


def are_plain(bodies: pa.StringArray) -> _Mask:
    """Tell which records are plain, given what stands behind their serials, with the blank before it."""
    found: _Mask = pc.match_substring_regex(bodies, _PLAIN).to_numpy(zero_copy_only=False)
    return found


def plain_members(bodies: pa.StringArray) -> tuple[pa.StringArray, _Mask]:
    r"""Return the fields of plain records as the members of JSON objects, and which of them could be read so.

    >>> members, is_read = plain_members(pa.array([' pid=1 tty=(none) comm=6120', ' comm="a" exe=22']))
    >>> members.to_pylist()[0], is_read.tolist()
    ('"pid":"1","comm":"a "', [True, False])
    """
    data, starts = places(pc.binary_join_element_wise(bodies, chr(_END) + "\n", ""))
    held = bytearray(data.slice(0, int(starts[-1]))) + _PADDING
    text = np.frombuffer(held, np.uint8)
    _open_messages(text)
    signs = _last_of_each_run(text, text == _SIGN)  # some kernels write `subj==`
    blanks = _last_of_each_run(text, (text == _BLANK) | (text == _BEHIND))
    fields = _Fields(text, signs, blanks, starts[1:] - 2)
    nothing = fields.are_nothing()
    is_read = fields.decode()
    fields.delete(nothing)
    written = held.translate(_WRITTEN, b'"')
    return _lines(written.replace(bytes([_EQUALS]), b'":"').replace(bytes([_BETWEEN]), b'","')), is_read


def _last_of_each_run(text: _Bytes, is_there: _Mask) -> Indices:
    """Return where runs of a sign end; all but the last of each are deleted."""
    found: Indices = np.flatnonzero(is_there)
    is_followed = np.append(np.diff(found) == 1, False)
    if not is_followed.any():
        return found
    text[found[is_followed]] = _DELETED
    last: Indices = found[~is_followed]
    return last


def _open_messages(text: _Bytes) -> None:
    """Take the fields out of `msg='...'`."""
    marks = np.flatnonzero(text == _APOSTROPHE)
    before, behind = marks[::2], marks[1::2]
    for distance in range(5):  # the length of `msg='`
        text[before - distance] = _DELETED
    text[behind] = np.where(_IS_AFTER[text[behind + 1]], _DELETED, _BLANK)


def _lines(written: bytearray) -> pa.StringArray:
    """Cut the records apart; each begins with what a blank became, if anything of it is left."""
    ends = np.flatnonzero(np.frombuffer(written, np.uint8) == _LINE_END)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    return slices(pa.py_buffer(written), np.minimum(starts + 2, ends), ends)


def _number(word: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(word, "little"))


def _table(signs: bytes) -> _Mask:
    found = np.zeros(256, np.bool_)
    found[list(signs)] = True
    return found


_IS_AFTER = _table(bytes([_BLANK, _BEHIND, _END, _DELETED]))  # what may stand behind a value
_HEXADECIMAL = b"0123456789ABCDEF"
_IS_HEXADECIMAL = _table(_HEXADECIMAL)
_DIGITS = np.zeros(256, np.uint8)
_DIGITS[list(_HEXADECIMAL)] = range(16)
# What a byte of a decoded text is written as; none where it is no printable ASCII, or needs escaping.
_DECODED = np.zeros(256, np.uint8)
_DECODED[32:127] = range(32, 127)
_DECODED[[0, 1, *b' ="\\']] = _INNER_BLANK, ord(","), _INNER_BLANK, _INNER_SIGN, 0, 0
_MULTIPLIER, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(50)  # a product's upper bits are the word's hash
_ENCODED_ENDS = {_number(name.encode()[-8:]): len(name) for name in ENCODED}
_IS_ENCODED = np.zeros(1 << 14, np.bool_)
_IS_ENCODED[(np.array(list(_ENCODED_ENDS), np.uint64) * _MULTIPLIER) >> _SHIFT] = True
_IS_ENCODED_END = np.zeros(1 << 16, np.bool_)
_IS_ENCODED_END[[int(_number(name.encode()[-2:])) for name in ENCODED]] = True
# What says that there is none stands in quotes or does not; `?`, `(null)` and `(none)` without are told by their sign.
_NOTHINGS = (*(f'"{word}"'.encode() for word in ABSENT if word), *(word.encode() for word in ABSENT if word.isalnum()))


class _Fields:
    """The fields of a text of plain records: `blanks` stand before their names, `signs` before their values.

    ends: where the records end. All are places in the text, in order.
    """

    def __init__(self, text: _Bytes, signs: Indices, blanks: Indices, ends: Indices) -> None:
        self._text, self._signs, self._blanks, self._ends = text, signs, blanks, ends
        self._first = text[signs + 1]

    def are_nothing(self) -> Indices:
        """Return the numbers of the fields whose values say that there is none."""
        found = [np.flatnonzero((self._first == ord("?")) | (self._first == ord("(")))]
        for first in {word[0] for word in _NOTHINGS}:
            begun = np.flatnonzero(self._first == first)
            second = self._text[self._signs[begun] + 2]
            for word in (word for word in _NOTHINGS if word[0] == first):
                maybe = begun[second == word[1]]
                if not len(maybe):
                    continue
                at = self._signs[maybe] + 1
                is_nothing = (self._read(at, len(word)) == word) & _IS_AFTER[self._text[at + len(word)]]
                found.append(maybe[is_nothing])
        return np.sort(np.concatenate(found))

    def _read(self, at: Indices, size: int) -> npt.NDArray[np.bytes_]:
        read: npt.NDArray[np.bytes_] = _everywhere(self._text, f"S{size}")[at]
        return read

    def decode(self) -> _Mask:
        """Decode texts in hexadecimal where they stand; tell which records have none that must be escaped."""
        is_read = np.ones(len(self._ends), np.bool_)
        encoded = self._encoded()
        if not len(encoded):
            return is_read
        start = self._signs[encoded] + 1
        sizes = self._ending(encoded) - start
        at, owner = _spread(start, sizes)
        is_text = (np.add.reduceat(~_IS_HEXADECIMAL[self._text[at]], np.cumsum(sizes) - sizes) == 0) & (sizes % 2 == 0)
        encoded, start, sizes = encoded[is_text], start[is_text], sizes[is_text]
        if not len(encoded):
            return is_read
        at, owner = _spread(start, sizes // 2)
        place = at - start[owner]
        pairs = self._text[start[owner] + 2 * place], self._text[start[owner] + 2 * place + 1]
        raw = _DIGITS[pairs[0]] * np.uint8(16) + _DIGITS[pairs[1]]
        decoded = _DECODED[raw]
        # A text that ends with a zero byte, or may say that there is none, is read the other way.
        is_unsafe = np.bincount(owner, decoded == 0, len(encoded)) > 0
        last = np.cumsum(sizes // 2) - 1
        is_unsafe |= (raw[last] == 0) | np.isin(sizes // 2, [len(word) for word in ABSENT])
        is_read[np.searchsorted(self._ends, start[is_unsafe])] = False
        self._text[at] = np.where(decoded == 0, _INNER_BLANK, decoded)
        at, _ = _spread(start + sizes // 2, sizes // 2)
        self._text[at] = _DELETED
        return is_read

    def _encoded(self) -> Indices:
        """Return the numbers of the fields whose values may be texts in hexadecimal."""
        maybe = np.flatnonzero(_IS_ENCODED_END[_everywhere(self._text, "<u2")[self._signs - 2]])
        maybe = maybe[_IS_HEXADECIMAL[self._first[maybe]]]
        at = self._signs[maybe]
        sizes = at - self._blanks[maybe] - 1
        words = _everywhere(self._text, "<u8")[np.maximum(at - 8, 0)]
        words <<= (8 * np.maximum(8 - at, 0)).astype(np.uint64)  # the first name may stand nearer to the beginning
        names = words >> (8 * (8 - np.minimum(sizes, 8))).astype(np.uint64)
        found = np.flatnonzero(_IS_ENCODED[(names * _MULTIPLIER) >> _SHIFT])
        named = zip(names[found].tolist(), sizes[found].tolist(), strict=True)
        is_name = [_ENCODED_ENDS.get(np.uint64(name)) == size for name, size in named]
        numbers: Indices = maybe[found[np.array(is_name, np.bool_)]]
        return numbers

    def _ending(self, numbers: Indices) -> Indices:
        """Return where the values of fields end."""
        following = np.append(self._blanks, len(self._text))[numbers + 1]
        ends: Indices = np.minimum(following, self._ends[np.searchsorted(self._ends, self._blanks[numbers])])
        return ends

    def delete(self, numbers: Indices) -> None:
        """Delete fields with the blanks before them."""
        start = self._blanks[numbers]
        at, _ = _spread(start, self._ending(numbers) - start)
        self._text[at] = _DELETED


def _everywhere(text: _Bytes, kind: str) -> npt.NDArray[Any]:
    """Take a text as values of a type, of which one begins at each byte."""
    size = np.dtype(kind).itemsize
    return np.ndarray((len(text) - size + 1,), kind, text.data, strides=(1,))


def _spread(starts: Indices, sizes: Indices) -> tuple[Indices, Indices]:
    """Return all places of some stretches of text, and the stretch that each belongs to."""
    ends = np.cumsum(sizes)
    owner = np.repeat(np.arange(len(starts)), sizes)
    return np.arange(ends[-1] if len(ends) else 0) + (starts - ends + sizes)[owner], owner

"""Places and networks of addresses from CSV files, for tests, labs and networks of your own: nothing to install.

The header names some of `network,asn,organization,country,latitude,longitude`, of which `network` is needed. Of
networks in one another the smallest counts; an empty cell says nothing. Lines that begin with `#` are comments.
"""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from windshear.context.csv_lines import CsvLines
from windshear.context.networks import Network, Networks, RepeatedNetworkError
from windshear.core.errors import InputError

Fields = Mapping[str, str | float]

_NETWORK = "network"
_MOST_ROWS = 10_000_000
_LARGEST_CELL = 1_000


def _asn(text: str) -> str:
    number = text.upper().removeprefix("AS")
    if not (number.isascii() and number.isdigit()):
        raise ValueError(f"`{text}` is no number of an autonomous system, as 64500 is")
    return number


def _degrees(most: int) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not abs(number) <= most:
            raise ValueError(f"`{text}` is no number of degrees from -{most} to {most}")
        return number

    return read


# Per column how a cell is read, and the fields of a UDM artifact that it fills: the older places of coordinates, too.
_COLUMNS: Mapping[str, tuple[Callable[[str], str | float], tuple[str, ...]]] = MappingProxyType(
    {
        "asn": (_asn, ("network.asn",)),
        "organization": (str, ("network.organization_name", "network.carrier_name")),
        "country": (str, ("location.country_or_region",)),
        "latitude": (_degrees(90), ("location.region_coordinates.latitude", "location.region_latitude")),
        "longitude": (_degrees(180), ("location.region_coordinates.longitude", "location.region_longitude")),
    }
)


@dataclass(frozen=True, slots=True)
class CsvPlaces:
    """What a file says of networks; equal rows are kept once."""

    path: Path
    _networks: Networks
    _rows: Sequence[Fields]

    def fields(self, addresses: Sequence[str]) -> list[Fields]:
        """Return the fields of a UDM artifact for each address, by dotted name; none where the file says nothing."""
        return [self._rows[place] if place >= 0 else {} for place in self._networks.find(addresses).tolist()]


@dataclass(slots=True)
class _Reading:
    """What was read so far: networks with their lines and what is said of them."""

    columns: Sequence[str]
    networks: list[Network] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rows: list[Fields] = field(default_factory=list)
    _known: dict[tuple[str, ...], Fields] = field(default_factory=dict)

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take in a row; `ValueError` says what is wrong with it."""
        if len(self.networks) == _MOST_ROWS:
            raise ValueError(f"more than {_MOST_ROWS:,} rows")
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells, the header has {len(self.columns)} columns")
        place = self.columns.index(_NETWORK)
        try:
            network = ipaddress.ip_network(cells[place].strip(), strict=False)
        except ValueError:
            raise ValueError(f"`{cells[place]}` is neither a network nor an address") from None
        said = tuple(cell.strip() for number, cell in enumerate(cells) if number != place)
        if said not in self._known:
            names = [name for name in self.columns if name != _NETWORK]
            self._known[said] = dict(_fields(names, said))
        self.networks.append(network)
        self.lines.append(line)
        self.rows.append(self._known[said])


def read_places(path: Path) -> CsvPlaces:
    """Read a file; `InputError` says what is wrong with it, and in which line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            found = _read(stream, path)
    except OSError as error:
        raise InputError(f"cannot read places of addresses `{path}`: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"places of addresses `{path}` are not UTF-8 text: {error.reason}") from error
    try:
        return CsvPlaces(path, Networks.of(found.networks), found.rows)
    except RepeatedNetworkError as error:
        first, second = found.lines[error.first], found.lines[error.second]
        raise InputError(f"{path}:{second}: {error}, first in line {first}") from error


def _read(stream: TextIO, path: Path) -> _Reading:
    lines = CsvLines(stream)
    reader = csv.reader(lines, strict=True)
    csv.field_size_limit(_LARGEST_CELL)
    try:
        header = [name.strip().lower() for name in next(filter(None, reader), [])]
        found = _Reading(_checked(header))
        for row in filter(None, reader):
            found.add(lines.number, row)
    except (csv.Error, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise
        raise InputError(f"{path}:{max(lines.number, 1)}: {error}") from error
    return found


def _checked(header: Sequence[str]) -> Sequence[str]:
    known = ",".join((_NETWORK, *_COLUMNS))
    if _NETWORK not in header:
        raise ValueError(f"no column `{_NETWORK}`: the first line names columns of {known}")
    for number, name in enumerate(header):
        if name != _NETWORK and name not in _COLUMNS:
            raise ValueError(f"unknown column `{name}`: places of addresses have {known}")
        if name in header[:number]:
            raise ValueError(f"column `{name}` is named twice")
    return header


def _fields(names: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[str, str | float]]:
    for name, cell in zip(names, cells, strict=True):
        if cell:
            read, places = _COLUMNS[name]
            value = read(cell)
            yield from ((place, value) for place in places)

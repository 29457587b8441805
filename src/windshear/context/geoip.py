"""Places and networks of addresses, from files that the user has: MMDB files, which need an extra, and CSV files.

What an MMDB file says is read in the forms that its makers have: records of countries, cities and autonomous systems as
MaxMind, DB-IP and IP2Location write them, and flat ones as IPinfo does. Of several files each field comes from the
first that has it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from windshear.context.geoip_csv import read_places
from windshear.core.errors import InputError, SettingError

Artifact = Mapping[str, str | float]

_MISSING = "to read MMDB files, install the extra: pip install 'windshear[geoip]'"
_LONGEST = 1_000  # characters of a name; a longer one is no name
_REMEMBERED = 50_000  # addresses
_LARGEST_DEGREE = 180

Step = str | int
# Fields of a UDM artifact, and where files have them: the first of these places that holds a text or number.
_TEXTS: Mapping[str, Sequence[tuple[Step, ...]]] = {
    "location.country_or_region": (
        ("country", "names", "en"),
        ("country_name",),
        ("country",),
        ("country", "iso_code"),
        ("country_code",),
    ),
    "location.state": (("subdivisions", 0, "names", "en"), ("region",), ("state1",), ("subdivisions", 0, "iso_code")),
    "location.city": (("city", "names", "en"), ("city",)),
    "network.asn": (("autonomous_system_number",), ("asn",), ("as_number",)),
    "network.carrier_name": (("isp",), ("autonomous_system_organization",), ("as_name",)),
    "network.organization_name": (("organization",), ("autonomous_system_organization",), ("as_name",)),
    "network.dns_domain": (("domain",), ("as_domain",)),
}
_NUMBERS: Mapping[str, Sequence[tuple[Step, ...]]] = {
    "location.region_coordinates.latitude": (("location", "latitude"), ("latitude",), ("lat",)),
    "location.region_coordinates.longitude": (("location", "longitude"), ("longitude",), ("lng",)),
}
# The older places of the same two numbers, which rules still name.
_ALSO = {
    "location.region_latitude": "location.region_coordinates.latitude",
    "location.region_longitude": "location.region_coordinates.longitude",
}

TEXT_FIELDS = ("ip", *_TEXTS)
NUMBER_FIELDS = (*_NUMBERS, *_ALSO)


class Places(Protocol):
    """What a file says of addresses."""

    def fields(self, addresses: Sequence[str]) -> Sequence[Artifact]:
        """Return for each address fields of a UDM artifact, by dotted name; none where the file says nothing."""


@dataclass(frozen=True, slots=True)
class _Database:
    """An open MMDB file: `get` returns the record of an address."""

    path: Path
    get: Callable[[str], object]
    has_version_6: bool
    error: type[Exception]

    def fields(self, addresses: Sequence[str]) -> list[Artifact]:
        """Return what the file says of addresses; `InputError` if it is broken there."""
        records = map(self._record, addresses)
        return [_fields(record) if isinstance(record, dict) else {} for record in records]

    def _record(self, address: str) -> object:
        if ":" in address and not self.has_version_6:
            return None
        try:
            return self.get(address)
        except self.error as error:
            raise InputError(f"GeoIP database `{self.path}` is broken at {address}: {error}") from error
        except UnicodeDecodeError as error:
            raise InputError(f"GeoIP database `{self.path}` holds text that is not UTF-8 at {address}") from error
        except ValueError:  # no address
            return None


@dataclass(slots=True)
class GeoIp:
    """What files say of addresses."""

    _files: Sequence[Places]
    _known: dict[str, Artifact | None] = field(default_factory=dict)

    def artifacts(self, addresses: Sequence[str]) -> list[Artifact | None]:
        """Return for each address the fields of a UDM artifact, by dotted name; None if no file knows it."""
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        new = [address for address in addresses if address not in self._known]
        found: list[dict[str, str | float]] = [{} for _ in new]
        for file in self._files:
            found = [{**fields, **known} for fields, known in zip(file.fields(new), found, strict=True)]
        for address, fields in zip(new, found, strict=True):
            self._known[address] = {"ip": address, **fields} if fields else None
        return [self._known[address] for address in addresses]


def open_geoip(paths: Sequence[Path]) -> GeoIp | None:
    """Open MMDB and CSV files, None if there are none; `InputError` names one that cannot be read."""
    if not paths:
        return None
    return GeoIp([read_places(path) if path.suffix.lower() == ".csv" else _opened(path) for path in paths])


def _opened(path: Path) -> _Database:
    try:
        package: Any = importlib.import_module("maxminddb")
    except ImportError as error:
        raise SettingError(f"`{path}` is a GeoIP database; {_MISSING}") from error
    try:
        reader = package.open_database(str(path))
        version = reader.metadata().ip_version
    except OSError as error:
        raise InputError(f"cannot read GeoIP database `{path}`: {error.strerror or error}") from error
    except (package.InvalidDatabaseError, ValueError) as error:
        raise InputError(f"`{path}` is no GeoIP database that can be read: {error}") from error
    return _Database(path, reader.get, version == 6, package.InvalidDatabaseError)


def _fields(record: Mapping[str, object]) -> dict[str, str | float]:
    fields: dict[str, str | float] = {}
    for name, places, read in _PLACES:
        for place in places:
            if place[0] in record and (value := read(_at(record, place))) is not None:
                fields[name] = value
                break
    for name, same in _ALSO.items():
        if same in fields:
            fields[name] = fields[same]
    return fields


def _at(record: object, place: tuple[Step, ...]) -> object:
    for step in place:
        if isinstance(step, int):
            record = record[step] if isinstance(record, list) and len(record) > step else None
        else:
            record = record.get(step) if isinstance(record, dict) else None
    return record


def _text(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None


def _asn(value: object) -> str | None:
    text = _text(value)
    return None if text is None else text.upper().removeprefix("AS")


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) <= _LARGEST_DEGREE else None


_PLACES: Sequence[tuple[str, Sequence[tuple[Step, ...]], Callable[[object], str | float | None]]] = (
    *((name, places, _asn if name == "network.asn" else _text) for name, places in _TEXTS.items()),
    *((name, places, _number) for name, places in _NUMBERS.items()),
)

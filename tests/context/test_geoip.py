"""GeoIP: what files of several makers say of addresses, and what is said of files that are broken."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mmdb import write_mmdb
from windshear.context.geoip import GeoIp, open_geoip
from windshear.core.errors import InputError, SettingError

CITY = {
    "country": {"iso_code": "NL", "names": {"en": "Netherlands", "de": "Niederlande"}},
    "subdivisions": [{"iso_code": "NH", "names": {"en": "North Holland"}}, {"names": {"en": "Further"}}],
    "city": {"names": {"en": "Amsterdam"}},
    "location": {"latitude": 52.37, "longitude": 4.89},
}
FLAT = {
    "country": "Germany",
    "country_code": "DE",
    "asn": "AS64501",
    "as_name": "Flat Net",
    "as_domain": "flat.example",
}


def opened(folder: Path, *files: dict[str, object], version: int = 6) -> GeoIp:
    """Return what files with these records say."""
    paths = [write_mmdb(folder / f"{number}.mmdb", file, version) for number, file in enumerate(files)]
    found = open_geoip(paths)
    assert found is not None
    return found


def test_records_of_cities(tmp_path: Path) -> None:
    """Names are the English ones, and the largest subdivision is the state."""
    assert opened(tmp_path, {"203.0.113.0/24": CITY}).artifacts(["203.0.113.7"])[0] == {
        "ip": "203.0.113.7",
        "location.country_or_region": "Netherlands",
        "location.state": "North Holland",
        "location.city": "Amsterdam",
        "location.region_coordinates.latitude": 52.37,
        "location.region_coordinates.longitude": 4.89,
        "location.region_latitude": 52.37,
        "location.region_longitude": 4.89,
    }


def test_flat_records(tmp_path: Path) -> None:
    """Records without levels are read as well; the number of a network has no letters."""
    assert opened(tmp_path, {"2001:db8::/32": FLAT}).artifacts(["2001:db8::1"])[0] == {
        "ip": "2001:db8::1",
        "location.country_or_region": "Germany",
        "network.asn": "64501",
        "network.carrier_name": "Flat Net",
        "network.organization_name": "Flat Net",
        "network.dns_domain": "flat.example",
    }


def test_several_files(tmp_path: Path) -> None:
    """Each field comes from the first file that has it."""
    network = {"autonomous_system_number": 64500, "autonomous_system_organization": "First Net"}
    found = opened(tmp_path, {"203.0.113.0/25": network}, {"203.0.113.0/24": FLAT}).artifacts(["203.0.113.7"])[0]
    assert found is not None
    assert (found["network.asn"], found["network.carrier_name"]) == ("64500", "First Net")
    assert found["location.country_or_region"] == "Germany"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"country": {"iso_code": "NL"}}, {"location.country_or_region": "NL"}),
        ({"location": {"latitude": 400.0, "longitude": "4.5"}}, {"location.region_coordinates.longitude": 4.5}),
        ({"location": {"latitude": "north"}}, {}),
        ({"city": "x" * 1001, "region": ""}, {}),
        ({"subdivisions": [], "asn": True}, {}),
    ],
)
def test_odd_values(tmp_path: Path, record: dict[str, object], expected: dict[str, object]) -> None:
    """What is no name or no number is left out."""
    found = opened(tmp_path, {"203.0.113.0/24": record}).artifacts(["203.0.113.7"])[0] or {}
    assert {name: value for name, value in found.items() if name not in ("ip", "location.region_longitude")} == expected


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "no address", ""])
def test_addresses_that_are_not_known(tmp_path: Path, address: str) -> None:
    """Other addresses, those of the other version, and what is none."""
    assert opened(tmp_path, {"203.0.113.0/24": CITY}, version=4).artifacts([address])[0] is None


def test_no_files() -> None:
    """Without files, nothing is known, and the package is not needed."""
    assert open_geoip([]) is None


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is missing, something else, or cut off is named with the reason."""
    whole = write_mmdb(tmp_path / "whole.mmdb", {"203.0.113.0/24": CITY}).read_bytes()
    (tmp_path / "cut.mmdb").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.mmdb").write_bytes(b"no database\n")
    (tmp_path / "empty.mmdb").write_bytes(b"")
    for name, reason in (
        ("cut.mmdb", "is no GeoIP database that can be read"),
        ("text.mmdb", "is no GeoIP database that can be read"),
        ("empty.mmdb", "is no GeoIP database that can be read"),
        ("missing.mmdb", "cannot read GeoIP database"),
    ):
        with pytest.raises(InputError, match=reason) as caught:
            open_geoip([tmp_path / name])
        assert name in str(caught.value)


def test_a_file_that_is_broken_inside(tmp_path: Path) -> None:
    """A broken record is told when it is met, with the file and the address."""
    path = write_mmdb(tmp_path / "x.mmdb", {"203.0.113.0/24": {"country": "Germany"}})
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\x47country\x47Germany", b"\xff\xffountry\xffGermany"))
    assert path.read_bytes() != content
    found = open_geoip([path])
    assert found is not None
    with pytest.raises(InputError, match=r"x\.mmdb` is broken at 203\.0\.113\.7"):
        found.artifacts(["203.0.113.7"])[0]


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    """Text in another encoding is told, too."""
    path = write_mmdb(tmp_path / "x.mmdb", {"203.0.113.0/24": {"country": "Germany"}})
    path.write_bytes(path.read_bytes().replace(b"Germany", b"Germ\xffny"))
    found = open_geoip([path])
    assert found is not None
    with pytest.raises(InputError, match=r"x\.mmdb` holds text that is not UTF-8"):
        found.artifacts(["203.0.113.7"])[0]


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said which package is missing."""
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    with pytest.raises(SettingError, match=r"pip install 'windshear\[geoip\]'"):
        open_geoip([tmp_path / "x.mmdb"])


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
@settings(deadline=None)
def test_damaged_files(changes: list[tuple[float, int]]) -> None:
    """A file with wrong bytes says something else or nothing, or is refused; nothing else happens."""
    with TemporaryDirectory() as folder:
        path = write_mmdb(Path(folder) / "x.mmdb", {"203.0.113.0/24": CITY, "192.0.2.0/24": FLAT}, 4)
        content = bytearray(path.read_bytes())
        for place, byte in changes:
            content[int(place * len(content))] = byte
        path.write_bytes(content)
        with suppress(InputError):
            found = open_geoip([path])
            assert found is not None
            for address in ("203.0.113.7", "192.0.2.1", "198.51.100.1"):
                found.artifacts([address])[0]

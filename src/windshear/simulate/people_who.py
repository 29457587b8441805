"""Who can play which part in a scenario."""

from __future__ import annotations

from windshear.simulate.world.people import Kind, Person


def is_office_worker_on_windows(person: Person) -> bool:
    """Tell whether somebody never uses command line tools, and has a computer with Windows that stays in one place."""
    return person.kind is Kind.OFFICE and not person.uses_vpn and not person.is_mobile


def is_developer_on_linux(person: Person) -> bool:
    """Tell whether somebody develops software on Linux."""
    return person.kind is Kind.DEVELOPER and person.host.system == "linux"


def is_developer_on_windows(person: Person) -> bool:
    """Tell whether somebody develops software on Windows."""
    return person.kind is Kind.DEVELOPER and person.host.system == "windows"


def is_admin(person: Person) -> bool:
    """Tell whether somebody looks after systems."""
    return person.kind is Kind.ADMIN

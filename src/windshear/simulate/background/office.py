"""Mail, files and meetings of everybody."""

from __future__ import annotations

from collections.abc import Iterator

from windshear.simulate.background.sign_ins import agent_of
from windshear.simulate.day import Day
from windshear.simulate.record import Record
from windshear.simulate.world.applications import OFFICE_PORTAL, OUTLOOK_WEB
from windshear.simulate.writers.office import file_used, mail_read, signed_in, teams

_FOLDERS = ("Shared Documents/2026", "Shared Documents/Plans", "Shared Documents/Templates")
_FILES = ("budget.xlsx", "notes.docx", "offer.docx", "figures.xlsx", "roadmap.pptx", "minutes.docx", "list.xlsx")
_OPERATIONS = ("FileAccessed", "FileAccessed", "FileAccessed", "FileModified", "FileDownloaded", "FilePreviewed")


def office(day: Day) -> Iterator[Record]:
    """Yield what people read and write. Not in the history: no baseline needs it."""
    if day.is_history:
        return
    for work in day.work:
        person = work.person
        draw = day.chance("office", person.number)
        origin = work.origin(draw)
        yield signed_in(
            person, origin, work.begin, draw, app=OFFICE_PORTAL.id, resource=OUTLOOK_WEB.id, session=work.session
        )
        for _ in range(draw.randrange(1, 4)):
            yield mail_read(person, origin, work.moment(draw), draw, session=work.session, count=draw.randrange(1, 12))
        for _ in range(draw.randrange(1, 7)):
            path = f"{person.department.lower()}/{draw.choice(_FOLDERS)}/{draw.choice(_FILES)}"
            at, operation = work.moment(draw), draw.choice(_OPERATIONS)
            yield file_used(
                operation, person, origin, at, draw, path=path, session=work.session, client=OFFICE_PORTAL.id,
                agent=agent_of(person),
            )  # fmt: skip
        if draw.is_true(0.7):
            yield teams("MessageSent", person, origin, work.moment(draw), draw, chat="GroupChat")

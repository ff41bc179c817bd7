"""The calendar file that goes by mail with what is said of an appointment."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.messages import Attachment
from conversation.turn import House
from engagement import clock
from engagement.appointments import read_appointment
from engagement.appointments.calendar import make_calendar, method_of

_FILE = "appointment.ics"


async def attach_calendar(
    house: House, connection: AsyncConnection, touchpoint: Any, contact: Any, *, organizer: str
) -> Sequence[Attachment]:
    """The file for an appointment as it stands now. `organizer`: the mailbox of the programme."""
    booked = await read_appointment(connection, house.keyring, UUID(touchpoint.occurrence.partition("@")[0]))
    if booked is None or booked.appointment.starts_at is None:
        return ()

    def words(key: str) -> str:
        return house.registry.render(key, language=touchpoint.language, channel="email", study=booked.study).text

    content = make_calendar(
        booked,
        summary=words("appointment/calendar/title"),
        description=words("appointment/calendar/notes"),
        organizer=organizer,
        attendee=house.keyring.open(contact.value, place="contact_points.value", row=contact.id),
        domain=organizer.rpartition("@")[2],
        at=clock.now(),
    )
    # RFC 6047: the method stands in the media type too.
    media_type = f"text/calendar; method={method_of(booked)}; charset=utf-8"
    return [Attachment(name=_FILE, media_type=media_type, content=content)]

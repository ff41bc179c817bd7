"""An appointment as a calendar file (RFC 5545, methods as in RFC 5546), so that a move or a call-off reaches their calendar."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vText

from engagement.appointments.booking import Booked

REQUEST, CANCEL = "REQUEST", "CANCEL"
_PRODUCT = "-//Perennial//Appointments//EN"


def method_of(booked: Booked) -> str:
    """REQUEST for what is to be in the calendar, CANCEL for what is to leave it."""
    return REQUEST if booked.appointment.booked else CANCEL


def make_calendar(
    booked: Booked, *, summary: str, description: str, organizer: str, attendee: str, domain: str, at: datetime
) -> bytes:
    """The file: one event, its UID the appointment's id, its SEQUENCE one higher with each change that is told.

    `summary` and `description` are approved words; `organizer` and `attendee` mail addresses. Instants are written in UTC,
    so no time zone has to be described. Raises ValueError where the appointment never had a start.
    """
    appointment = booked.appointment
    if appointment.starts_at is None:
        raise ValueError("an appointment without a start is in no calendar")
    event = Event()
    event.add("uid", f"{booked.id}@{domain}")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", (appointment.starts_at + timedelta(minutes=appointment.minutes)).astimezone(UTC))
    event.add("sequence", max(booked.sequence - 1, 0))
    event.add("status", "CONFIRMED" if appointment.booked else "CANCELLED")
    event.add("summary", summary)
    event.add("description", description)
    if appointment.place and appointment.booked:
        event.add("location", appointment.place)
    event.add("transp", "OPAQUE" if appointment.booked else "TRANSPARENT")
    event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    invited = vCalAddress(f"mailto:{attendee}")
    # Nobody waits for an answer by calendar: they confirm by a reply in their own words.
    invited.params["rsvp"] = vText("FALSE")
    invited.params["role"] = vText("REQ-PARTICIPANT")
    event.add("attendee", invited, encode=False)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method_of(booked))
    calendar.add_component(event)
    return bytes(calendar.to_ical())

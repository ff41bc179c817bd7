"""How an appointment is told: the values that approved texts are filled with. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engagement.appointments.change import Appointment


def local_start(appointment: Appointment, *, zone: str) -> datetime:
    """The start as the clock shows it to whoever comes: at the place where there is one, else in `zone`, where they live."""
    if appointment.starts_at is None:
        raise ValueError("an appointment that was only ever cancelled has no start")
    shown = appointment.zone if appointment.place and appointment.zone else zone
    return appointment.starts_at.astimezone(ZoneInfo(shown))


def time_values(appointment: Appointment, *, zone: str) -> Mapping[str, Any]:
    """What {day} and {time} in `appointment/…` stand for, and what those are made of. `zone`: where they live (IANA)."""
    start = local_start(appointment, zone=zone)
    weekday, month = f"d{start.isoweekday()}", f"m{start.month}"
    # Some languages say one o'clock as they say no other hour.
    halves = ("@when/one_am", "@when/one_pm") if start.hour % 12 == 1 else ("@when/am", "@when/pm")
    return {
        "day": "@when/day",
        "time": halves[start.hour // 12],
        "weekday": f"@weekday/{weekday}",
        "month": f"@month/{month}",
        "date": start.day,
        "hour": start.hour % 12 or 12,
        "minute": f"{start.minute:02}",
    }


def place_values(appointment: Appointment) -> Mapping[str, Any]:
    """What {place} stands for: only where a text may carry it, for a clinic's name can tell a condition."""
    return {"place": appointment.place} if appointment.place else {}

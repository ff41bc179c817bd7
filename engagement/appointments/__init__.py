"""Appointments: booked, moved and cancelled by whoever keeps the calendar, confirmed by the participant.

Like a stage, an appointment is what follows from all its changes, in whatever order they were reported. Its start is a date
of the journey (`engagement.journeys.set_date`), so a change plans the reminders anew and stops the old ones.
"""

from engagement.appointments.booking import (
    AppointmentTaken,
    Booked,
    ask_to_move,
    confirm_appointment,
    read_appointment,
    record_change,
    upcoming,
)
from engagement.appointments.change import KINDS, Appointment, BadChange, Change, appointment_after
from engagement.appointments.hearing import Reply, hear_reply
from engagement.appointments.telling import tell_change
from engagement.appointments.told import place_values, time_values

__all__ = [
    "KINDS",
    "Appointment",
    "AppointmentTaken",
    "BadChange",
    "Booked",
    "Change",
    "Reply",
    "appointment_after",
    "ask_to_move",
    "confirm_appointment",
    "hear_reply",
    "place_values",
    "read_appointment",
    "record_change",
    "tell_change",
    "time_values",
    "upcoming",
]

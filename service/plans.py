"""The studies' plans for this process, what outreach keeps to, and what fills the words of reminders of an appointment."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.providers import OutreachRules, Pace
from engagement.appointments import read_appointment, time_values
from engagement.appointments.booking import DATE as APPOINTMENT
from engagement.plans import load_plan
from engagement.studies import StudyPack
from engagement.words import load_words
from scheduler.planning import Plans
from service.settings import ROOT, Settings
from storage.crypto import Keyring

__all__ = ["APPOINTMENT", "fill_appointment", "outreach_rules", "read_plans"]


def read_plans(packs: Mapping[str, StudyPack]) -> Plans:
    """Each study's plan. `load_packs` has checked them: a pack with a fault is not loaded."""
    shared = {word.key for word in load_words(ROOT / "content")[0]}
    plans = {}
    for slug, pack in packs.items():
        folder = ROOT / "studies" / slug
        own = {word.key for word in load_words(folder / "content", study=slug)[0]}
        plans[slug] = load_plan(folder, stages=pack.stages, words=shared | own, measured=pack.email.measured)[0]
    return Plans(by_study=plans, zones={slug: pack.time_zone for slug, pack in packs.items()})


def outreach_rules(settings: Settings, plans: Plans, packs: Mapping[str, StudyPack]) -> OutreachRules:
    """What `deliver` keeps to: each study's limits, the pace of each provider."""
    return OutreachRules(
        limits={slug: plan.limits for slug, plan in plans.by_study.items()},
        sponsors={slug: pack.sponsor for slug, pack in packs.items()},
        paces={
            "sms": Pace(per_second=settings.outreach_per_second, per_day=settings.outreach_per_day),
            "email": Pace(per_second=settings.mail_outreach_per_second, per_day=settings.mail_outreach_per_day),
        },
    )


async def fill_appointment(
    keyring: Keyring, connection: AsyncConnection, touchpoint: Any, zone: ZoneInfo
) -> Mapping[str, Any]:
    """When the appointment is that a reminder is about. An occurrence of a date begins with the date's name."""
    booked = await read_appointment(connection, keyring, UUID(touchpoint.occurrence.partition("@")[0]))
    return time_values(booked.appointment, zone=zone.key) if booked is not None else {}

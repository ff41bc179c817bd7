"""Not now: the reminder that they got comes again when they say."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Call, OwnAction, read_whereabouts, say
from engagement import clock
from engagement.effects import once
from engagement.journeys.snoozing import snooze
from engagement.later import read_later


class Snooze(OwnAction):
    """Puts off the touchpoint that they got last, and says until when."""

    called = "action_snooze"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        async with self._tools.database.begin(redoable=True) as connection:

            async def put_off() -> Mapping[str, Any]:
                at = clock.now()
                zone = (await read_whereabouts(connection, self._tools, call)).zone
                until = read_later(call.text, language=call.language, now=at.astimezone(zone)).until
                done = await snooze(connection, call.participant_id, until=until, at=at)
                return {"until": until.astimezone(zone).isoformat() if done else None, "pending": None}

            result = await once(connection, call.message_id, "snoozed", put_off)
        if result["until"] is None:
            say(dispatcher, "snooze/nothing")
        else:
            say(dispatcher, "snooze/confirmed", **told_date(str(result["until"])))
        return [SlotSet("pending", None)]


def told_date(until: str) -> Mapping[str, Any]:
    """The values of `snooze/confirmed`, from a local time in ISO 8601."""
    day, clock_time = until[:10], until[11:16]
    month, part = f"m{int(day[5:7])}", _part(clock_time)
    return {"date": "@snooze/date", "month": f"@month/{month}", "day": int(day[8:10]), "part": f"@snooze/part/{part}"}


def _part(clock_time: str) -> str:
    return "morning" if clock_time < "12:00" else "afternoon" if clock_time < "17:30" else "evening"

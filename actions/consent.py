"""Consent in dialogue: begin the walk-through, take a message into it, send the document. Rasa's form is only the frame."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.context import Call, OwnAction, Tools, form_events, read_whereabouts, say, say_all
from actions.hand_over import call_person, say_coming
from conversation.say import when_expected
from engagement import clock
from engagement.consent.outcome import Asking, Outcome, read_outcome
from engagement.consent.taking import hear_walk, send_document, start_walk
from engagement.effects import once, recorded
from engagement.escalations import open_escalation
from engagement.interviews.lines import Line
from engagement.signatures import open_request
from engagement.studies import decide_expected

FORM = "consent_form"
_STARTED, _HEARD, _SENT = "consent_started", "consent_heard", "document_sent"
_ACTIONS = {
    "start_prescreen": "action_start_questionnaire",
    "start_check_in": "action_start_questionnaire",
    "my_permissions": "action_permissions",
    "change_permissions": "action_permissions",
    "withdraw_request": "action_permissions",
    "my_appointment": "action_appointment",
    "move_appointment": "action_appointment",
}
"""Who takes over where somebody leaves the walk-through for something else: what the rules name for these intents."""


class StartConsent(OwnAction):
    """Begins or goes on with the walk-through; the form takes over while something is open."""

    called = "action_start_consent"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        async with self._tools.database.begin(redoable=True) as connection:

            async def start() -> Mapping[str, Any]:
                asking = await _asking(connection, self._tools, call)
                return await _done(connection, self._tools, call, await start_walk(connection, asking))

            result = await once(connection, call.message_id, _STARTED, start)
        outcome = _say_all(dispatcher, self._tools, result)
        pending = [SlotSet("pending", outcome.pending)]
        return [*pending, FollowupAction(FORM)] if outcome.pending else pending


class HearConsent(OwnAction):
    """The form's validation: the message is on, back, a question, an answer, a decision; all of it is said here."""

    called = f"validate_{FORM}"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        async with self._tools.database.begin(redoable=True) as connection:
            if await recorded(connection, call.message_id, _STARTED) is not None:
                return []  # the form has only just begun: this message asked for it

            async def hear() -> Mapping[str, Any]:
                asking = await _asking(connection, self._tools, call)
                outcome = await hear_walk(connection, asking, call.text, call.topic)
                return await _done(connection, self._tools, call, outcome)

            result = await once(connection, call.message_id, _HEARD, hear)
        outcome = _say_all(dispatcher, self._tools, result)
        events = form_events(outcome.pending, goes_on=not outcome.person)
        return [*events, FollowupAction(_ACTIONS[outcome.elsewhere])] if outcome.elsewhere else events


class SendDocument(OwnAction):
    """The whole consent document, whenever somebody asks for it."""

    called = "action_send_document"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        async with self._tools.database.begin(redoable=True) as connection:

            async def send() -> Mapping[str, Any]:
                asking = await _asking(connection, self._tools, call)
                document = asking.consents.in_force(asking.today)
                outcome = (
                    Outcome(said=(Line(key="consent/none"),))
                    if document is None
                    else send_document(document, channel=asking.channel)
                )
                return await _done(connection, self._tools, call, outcome)

            result = await once(connection, call.message_id, _SENT, send)
        _say_all(dispatcher, self._tools, result)
        return []


async def _done(connection: AsyncConnection, tools: Tools, call: Call, outcome: Outcome) -> dict[str, Any]:
    """What follows from an outcome in the same transaction: a person, a link; all of it as it is kept."""
    result = outcome.to_json()
    at = clock.now()
    if outcome.person == "asked":
        coming = await call_person(connection, tools, call, call.wants_person)
        result |= {"coming": dict(coming), "reason": call.wants_person}
    elif outcome.person or outcome.ready:
        expected = decide_expected(tools.house.pack(call.study), at)
        await open_escalation(
            connection,
            call.participant_id,
            reason="consent_unclear" if outcome.person else "consent_to_sign",
            at=at,
            due_at=expected.due,
            study_slug=call.study,
            cause_id=call.message_id,
            triggers=[f"consent {outcome.version}: {outcome.person}"] if outcome.person else (),
        )
        result |= {"coming": {"kind": str(expected.kind), "hours": expected.hours or 0}} if outcome.person else {}
    if outcome.link:
        request = await open_request(
            connection,
            call.participant_id,
            study=call.study,
            version=outcome.version,
            may_sign=outcome.link == "sign",
            at=at,
            answers=outcome.answers,
        )
        result["request"] = str(request)
    return result


def _say_all(dispatcher: CollectingDispatcher, tools: Tools, result: Mapping[str, Any]) -> Outcome:
    outcome = read_outcome(result)
    link = {"document_link": tools.house.document_link(UUID(result["request"]))} if "request" in result else {}
    say_all(dispatcher, outcome.said, **link)
    if outcome.person == "asked":
        say_coming(dispatcher, str(result["reason"]), result["coming"])
    elif outcome.person:
        say(dispatcher, "person/coming", **when_expected(result["coming"]["kind"], result["coming"]["hours"]))
    return outcome


async def _asking(connection: AsyncConnection, tools: Tools, call: Call) -> Asking:
    where = await read_whereabouts(connection, tools, call)
    house, now = tools.house, clock.now()
    pack = house.pack(call.study)
    return Asking(
        keyring=house.keyring,
        consents=house.consents[pack.slug],
        participant_id=call.participant_id,
        message_id=call.message_id,
        study=pack.slug,
        language=call.language,
        channel=where.channel,
        at=now.astimezone(where.zone),
        today=now.astimezone(ZoneInfo(pack.time_zone)).date(),
    )

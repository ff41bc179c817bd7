"""STOP, START, HELP and their like, in words or in effect: obeyed at once, on every channel, without Rasa."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.alarm import open_alarm
from conversation.messages import ChannelName, OptOutType
from conversation.opt_out import Keyword, OptOutVerdict, judge_opt_out, keep, keyword, narrowed
from conversation.triage import is_alarm, triage
from conversation.turn import House, Turn
from engagement.optouts import ALL_CHANNELS, record_opt_in, record_opt_out, silenced_channels

ASKED = "opt_out"
"""`pending` while "do you want us to stop?" waits for its answer."""
LEAVING = frozenset({"consent", "permissions"})
"""`pending` while declining and leaving is what we talk about: what is not plainly an opt-out is heard there."""


async def obey_keywords(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """End the turn where the message is an opt-out, an opt-in, a call for help, or the answer to our opt-out question."""
    provider = turn.details.get("opt_out_type")
    word = _meaning(str(provider)) if provider else keyword(turn.text)
    if word is Keyword.START:
        return await _opt_in(turn, connection, answered=provider is not None)
    if word is Keyword.STOP:
        return await _opt_out(turn, connection, channels=None, answered=provider is not None)
    if word is Keyword.HELP:
        return turn.ended("help") if provider else turn.saying("help").ended("help")
    if turn.pending == ASKED and turn.identity == "verified":
        if keep(turn.text):
            return turn.saying("optout/kept").ended("opt_out_kept")
        turn = replace(turn, pending=None)
    if turn.details.get("opt_out_channel"):
        only = frozenset({ChannelName(str(turn.details["opt_out_channel"]))})
        return await _opt_out(turn, connection, channels=only, answered=False)
    verdict = judge_opt_out(turn.text)
    if verdict is not OptOutVerdict.NO and is_alarm(found := triage(turn.text, languages=house.languages)):
        # "Stop texting me, I can't go on": obeyed, and a person is told; where it may be no opt-out, safety goes first.
        if verdict is not OptOutVerdict.YES:
            return turn
        await open_alarm(turn, connection, found)
    if verdict is OptOutVerdict.YES:
        return await _opt_out(turn, connection, channels=narrowed(turn.text), answered=False)
    if verdict is OptOutVerdict.ASK and turn.identity == "verified" and turn.pending not in LEAVING:
        return replace(turn, pending=ASKED).saying("optout/ask").ended("opt_out_asked")
    return turn


def _meaning(provider: str) -> Keyword:
    return {OptOutType.STOP: Keyword.STOP, OptOutType.START: Keyword.START, OptOutType.HELP: Keyword.HELP}[
        OptOutType(provider)
    ]


async def _opt_out(
    turn: Turn, connection: AsyncConnection, *, channels: frozenset[ChannelName] | None, answered: bool
) -> Turn:
    assert turn.participant_id is not None  # noqa: S101 - identify ran
    meant = {channel.value for channel in channels} if channels else set(ALL_CHANNELS)
    if turn.identity != "verified":
        # A From line is forged with ease: it silences that mailbox's channel, never the whole participant.
        meant = {turn.channel.value}
    before = await silenced_channels(connection, turn.participant_id)
    if meant <= before:
        return turn.ended("opted_out_again")
    await record_opt_out(
        connection,
        turn.participant_id,
        at=turn.received_at,
        actor="provider" if answered else "participant",
        channels=None if meant == ALL_CHANNELS else sorted(meant),
        cause_id=turn.message_id,
    )
    if answered:
        return turn.ended("opted_out")
    return turn.saying("optout/confirmed", purpose="opt_out_confirmation").ended("opted_out")


async def _opt_in(turn: Turn, connection: AsyncConnection, *, answered: bool) -> Turn:
    assert turn.participant_id is not None  # noqa: S101 - identify ran
    if turn.identity != "verified":
        return turn
    if await silenced_channels(connection, turn.participant_id):
        await record_opt_in(
            connection,
            turn.participant_id,
            at=turn.received_at,
            actor="provider" if answered else "participant",
            cause_id=turn.message_id,
        )
    return turn.ended("opted_in") if answered else turn.saying("optin/confirmed").ended("opted_in")

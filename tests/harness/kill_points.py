"""Where a service process can be told to kill itself: named points of a turn, in the order a turn meets them.

The points are put in by patching, in a child process that the test has started for this; the product knows nothing
of them. What dies is the whole process, by SIGKILL: no handler runs, no connection is closed politely.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import channels.webchat.live as live
import conversation.deliver as deliver
import conversation.dialogue as dialogue
import conversation.screening as screening
import conversation.stages as stages
import conversation.workers as workers
import engagement.interviews.taking as taking
import service.app as app
import service.email as mail
from actions.hand_over import HandOver
from actions.interview import AskQuestion, StartInterview, TakeAnswer
from channels.email.send import EmailSender
from channels.sms.send import SmsSender
from channels.webchat.live import LiveBackend
from conversation.messages import DeliveryStatus
from conversation.rasa import Rasa

_MEANWHILE_S = 0.4
"""Time for what goes on beside the patched function: an acknowledgement that leaves, a request that arrives."""

type Die = Callable[[], None]


def die_at_passage(number: int) -> Die:
    """A function that ends this process when it is called for the `number`th time."""
    passed = 0

    def die() -> None:
        nonlocal passed
        passed += 1
        if passed == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return die


def _before(owner: Any, name: str) -> Callable[[Die], None]:
    def install(die: Die) -> None:
        original = getattr(owner, name)

        @wraps(original)  # what registers actions counts their parameters
        async def patched(*args: Any, **kwargs: Any) -> Any:
            die()
            return await original(*args, **kwargs)

        setattr(owner, name, patched)

    return install


def _after(owner: Any, name: str, *, when: Callable[[Any], bool] = lambda result: True) -> Callable[[Die], None]:
    def install(die: Die) -> None:
        original = getattr(owner, name)

        @wraps(original)
        async def patched(*args: Any, **kwargs: Any) -> Any:
            result = await original(*args, **kwargs)
            if when(result):
                die()
            return result

        setattr(owner, name, patched)

    return install


def _acknowledged(die: Die) -> None:
    async def linger(turn: Any, connection: Any, house: Any) -> Any:
        await asyncio.sleep(_MEANWHILE_S)
        die()
        return turn

    screening.SCREENING = (linger, *stages.SCREENING)  # type: ignore[attr-defined]


def _while_rasa_thinks(die: Die) -> None:
    original = Rasa.take_turn

    async def patched(self: Rasa, turn: Any) -> Any:
        asked = asyncio.ensure_future(original(self, turn))
        await asyncio.sleep(_MEANWHILE_S)
        die()
        return await asked

    Rasa.take_turn = patched  # type: ignore[method-assign]


def _chat_sent(die: Die) -> None:
    """After the commit that makes an answer visible in the web chat, which no provider takes."""
    sending: Any = deliver
    loops: Any = workers
    move, original = sending.move_status, loops.deliver
    moved: set[asyncio.Task[Any] | None] = set()

    async def noted(connection: Any, message_id: Any, status: Any, **values: Any) -> Any:
        if status == DeliveryStatus.SENT:
            moved.add(asyncio.current_task())
        return await move(connection, message_id, status, **values)

    async def patched(*args: Any) -> Any:
        more = await original(*args)
        if asyncio.current_task() in moved:
            die()
        return more

    sending.move_status, loops.deliver = noted, patched


POINTS: Mapping[str, Callable[[Die], None]] = {
    "before_storing": _before(app, "accept"),
    "stored_not_acknowledged": _after(app, "accept"),
    "acknowledged": _acknowledged,
    "screening_before_commit": _after(screening, "_persist"),
    "screened": _after(workers, "screen", when=lambda result: result is not None),
    "before_rasa": _before(Rasa, "take_turn"),
    "while_rasa_thinks": _while_rasa_thinks,
    "action_committed": _after(HandOver, "run"),
    "rasa_answered": _after(Rasa, "take_turn"),
    "before_final_commit": _after(dialogue, "queue_says"),
    "after_final_commit": _after(dialogue, "_finish"),
    "delivery_before_commit": _after(deliver, "_compose"),
    "before_provider": _before(deliver, "_send"),
    "provider_accepted": _after(SmsSender, "send"),
    "send_recorded": _after(deliver, "_send"),
}
"""`acknowledged` and what follows have the sender's 200 behind them."""

CHAT_POINTS: Mapping[str, Callable[[Die], None]] = {
    "chat_before_storing": _before(live, "accept"),
    "chat_stored_not_acknowledged": _after(live, "accept"),
    "chat_acknowledged": POINTS["acknowledged"],
    "chat_while_rasa_thinks": POINTS["while_rasa_thinks"],
    "chat_after_final_commit": POINTS["after_final_commit"],
    "chat_sent_not_shown": _chat_sent,
    "chat_shown_not_noted": _before(LiveBackend, "seen"),
    "chat_coming_back": _before(LiveBackend, "history"),
}
"""A turn that comes by WebSocket; `chat_coming_back` is met by each hello."""

MAIL_POINTS: Mapping[str, Callable[[Die], None]] = {
    "mail_before_storing": _before(mail, "accept"),
    "mail_stored_not_acknowledged": _after(mail, "accept"),
    "mail_while_rasa_thinks": POINTS["while_rasa_thinks"],
    "mail_after_final_commit": POINTS["after_final_commit"],
    "mail_before_relay": POINTS["before_provider"],
    "mail_relay_accepted": _after(EmailSender, "send"),
    "mail_send_recorded": POINTS["send_recorded"],
}
"""A turn that comes by SMTP; the first two lie before the 250."""

QUESTION_POINTS: Mapping[str, Callable[[Die], None]] = {
    "questionnaire_begun": _after(StartInterview, "run"),
    "answer_not_committed": _after(taking, "save"),
    "answer_committed": _after(TakeAnswer, "run"),
    "question_looked_up": _after(AskQuestion, "run"),
}
"""A turn while a questionnaire is open. The first is met by the message that asks for it; `_save` is met by that one too."""


def install(point: str, passage: int) -> None:
    """Put in one kill point."""
    {**POINTS, **CHAT_POINTS, **MAIL_POINTS, **QUESTION_POINTS}[point](die_at_passage(passage))

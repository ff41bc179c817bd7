"""The client to Rasa: one turn in, content keys out. The database is the truth; each call says what Rasa must know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from conversation.errors import DialogueUnavailable, TurnFailed
from conversation.say import Say
from conversation.turn import Turn


@dataclass(frozen=True, kw_only=True)
class Understood:
    """Rasa's answer: what to say, what it understood, and what each part cost in milliseconds.

    `safety`: the sums of the bot's safety judge by head (conversation/triage/learned.py); None where its pipeline has none.
    """

    says: tuple[Say, ...]
    intent: str | None
    confidence: float | None
    safety: Mapping[str, float] | None
    timings_ms: Mapping[str, float]


class Rasa:
    """An HTTP client to the bot's `turns` channel.

    Raises `TurnFailed` where an action of ours failed, `DialogueUnavailable` for anything else but a whole answer.
    """

    def __init__(self, url: str, token: str, *, timeout_s: float = 10.0) -> None:
        self._url = url.rstrip("/")
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {token}"}, timeout=aiohttp.ClientTimeout(total=timeout_s)
        )

    async def ready(self) -> bool:
        """Whether the model is loaded."""
        try:
            async with self._session.get(f"{self._url}/webhooks/turns/ready") as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def take_turn(self, turn: Turn) -> Understood:
        """One turn of dialogue. Safe to repeat: Rasa forgets when `previous` is not what it finished last."""
        payload = {
            "conversation": str(turn.participant_id),
            "turn": str(turn.message_id),
            "previous": str(turn.last_turn_id) if turn.last_turn_id else None,
            "text": turn.text[:4000],
            "slots": {"pending": turn.pending, "language": turn.language, "study": turn.study},
            "metadata": {
                "turn": str(turn.message_id),
                "participant": str(turn.participant_id),
                "language": turn.language,
                "study": turn.study,
            },
        }
        try:
            async with self._session.post(f"{self._url}/webhooks/turns/webhook", json=payload) as response:
                if response.status == 503 and (await response.json()).get("error") == "action_failed":
                    raise TurnFailed
                if response.status != 200:
                    raise DialogueUnavailable(f"Rasa answered {response.status}.")
                return _parse(await response.json())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise DialogueUnavailable(f"Rasa does not answer ({type(error).__name__}).") from None

    async def close(self) -> None:
        await self._session.close()


def _parse(answer: Mapping[str, Any]) -> Understood:
    try:
        intent = answer.get("intent") or {}
        return Understood(
            says=tuple(
                Say(
                    key=reply["say"],
                    values=reply.get("with") or {},
                    replies=tuple(reply.get("replies") or ()),
                    input=str(reply.get("input") or ""),
                    purpose=str(reply.get("purpose") or "reply"),
                )
                for reply in answer["replies"]
            ),
            intent=intent.get("name"),
            confidence=intent.get("confidence"),
            safety=(answer.get("safety") or {}).get("sums"),
            timings_ms=answer.get("timings_ms") or {},
        )
    except (KeyError, TypeError, AttributeError):
        raise DialogueUnavailable("Rasa's answer is not what was agreed.") from None

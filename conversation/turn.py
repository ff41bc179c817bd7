"""One turn: an inbound message on its way through the stages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.content import Registry
from conversation.messages import ChannelName
from conversation.say import Say
from conversation.triage import Judgement
from engagement.consent import Consents
from engagement.instruments import Instruments
from engagement.participants import ContactPoint
from engagement.studies import StudyPack
from storage.crypto import Keyring


@dataclass(frozen=True, kw_only=True)
class House:
    """What the stages and actions may ask: the studies, their questionnaires and consent documents, the words, the keys."""

    packs: Mapping[str, StudyPack]
    instruments: Mapping[str, Instruments]
    consents: Mapping[str, Consents]
    default_study: str
    registry: Registry
    keyring: Keyring
    languages: tuple[str, ...]
    document_link: Callable[[UUID], str]
    """The address of a consent document's page, by its request (`engagement.signatures.open_request`)."""

    def pack(self, slug: str | None) -> StudyPack:
        return self.packs.get(slug or "") or self.packs[self.default_study]

    def study_reached_at(self, channel: ChannelName, our_address: str) -> str:
        """Which study a stranger meant, by the number, site or mailbox they wrote to."""
        for slug, pack in self.packs.items():
            if (
                (channel is ChannelName.SMS and our_address in pack.sms.numbers)
                or (channel is ChannelName.WEBCHAT and our_address in {site.token for site in pack.sites})
                or (channel is ChannelName.EMAIL and our_address.partition("@")[0] in pack.email.local_parts)
            ):
                return slug
        return self.default_study


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A turn's state; stages return a changed copy. `outcome` set means the turn has ended.

    `contact` is None until a stranger is identified; `held`: a person has the conversation; `language_asked`:
    they asked for the language that it is in; `judged`: what triage made of it
    and the bot has yet to confirm or clear, None where nothing is left to say (an alarm was raised, or none looked).
    """

    message_id: UUID
    channel: ChannelName
    sender: str
    our_address: str
    text: str
    full_text: str
    received_at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    participant_id: UUID | None = None
    contact: ContactPoint | None = None
    held: bool = False
    identity: str = "verified"
    language: str = "en"
    language_asked: bool = False
    study: str = ""
    pending: str | None = None
    misses: int = 0
    last_turn_id: UUID | None = None
    judged: Judgement | None = None
    says: tuple[Say, ...] = ()
    outcome: str | None = None
    intent: str | None = None
    confidence: float | None = None

    def saying(self, key: str, *, purpose: str = "reply", **values: Any) -> "Turn":
        return replace(self, says=(*self.says, Say(key=key, values=values, purpose=purpose)))

    def ended(self, outcome: str) -> "Turn":
        return replace(self, outcome=outcome)


Stage = Callable[[Turn, AsyncConnection, House], Awaitable[Turn]]

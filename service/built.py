"""What a built process of the service consists of."""

from collections.abc import Mapping
from dataclasses import dataclass

from channels.email.addresses import AddressBook
from channels.email.doors import MailDoors
from channels.webchat.links import LinkSigner
from conversation.messages import ChannelName, Sender
from conversation.outbox import Outbox
from conversation.rasa import Rasa
from conversation.turn import House
from conversation.workers import Workers
from scheduler.sending import Desk
from service.secrets_file import Secrets
from service.settings import Settings
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Built:
    """Everything one process of the service runs on."""

    settings: Settings
    secrets: Secrets
    database: Database
    house: House
    outbox: Outbox
    rasa: Rasa
    workers: Workers
    links: LinkSigner
    addresses: AddressBook
    doors: MailDoors
    senders: Mapping[ChannelName, Sender]
    desk: Desk

    async def close(self) -> None:
        await self.workers.stop()
        await self.rasa.close()
        for sender in self.senders.values():
            close = getattr(sender, "close", None)
            if close is not None:
                await close()
        await self.database.close()

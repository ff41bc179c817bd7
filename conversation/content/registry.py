"""The registry of approved words in memory: finds the text for a key, language, channel and study, and fills it in.

Loaded from `content_versions`; in production only approved versions in force are seen, so others can't be sent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from string import ascii_lowercase
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.errors import PerennialError
from storage.tables import content_versions

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_.]*)\}")
FALLBACK_LANGUAGE = "en"


class ContentMissing(PerennialError):
    """No approved text is in force for this key."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of one text."""

    id: UUID
    text: str
    replies: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A text ready to be sent, and the versions whose words it carries."""

    text: str
    versions: tuple[UUID, ...]
    replies: tuple[str, ...]


class Registry:
    """Every text in force, by (key, language, channel, study)."""

    def __init__(self, *, approved_only: bool, facts: Mapping[tuple[str, str], Mapping[str, str]]) -> None:
        self.approved_only = approved_only
        self.facts = facts
        """What the study packs fill in, by (study slug, language): "fact.cost", "contact.phone", …"""
        self._texts: dict[tuple[str, str, str, str], Version] = {}
        self._count = -1

    async def load(self, connection: AsyncConnection, *, at: datetime) -> None:
        """Read the registry again if it has grown (it only ever grows) or a version has come into force."""
        in_force = content_versions.c.effective_from <= at
        if self.approved_only:
            in_force &= content_versions.c.approved
        count = await connection.scalar(select(func.count()).select_from(content_versions).where(in_force)) or 0
        if count == self._count:
            return
        rows = await connection.execute(select(content_versions).where(in_force).order_by(content_versions.c.version))
        self._texts = {
            (row.key, row.language, row.channel, row.study_slug): Version(
                id=row.id, text=row.text, replies=tuple(row.replies)
            )
            for row in rows
        }
        self._count = count

    def find(self, key: str, *, language: str, channel: str, study: str) -> Version:
        """The most particular text: the study's before the general, the channel's before the plain, else English."""
        for spoken in dict.fromkeys((language, FALLBACK_LANGUAGE)):
            for pack in dict.fromkeys((study, "")):
                for way in dict.fromkeys((channel, "")):
                    found = self._texts.get((key, spoken, way, pack))
                    if found is not None:
                        return found
        raise ContentMissing(f"No approved text is in force for {key} ({language}).")

    def has(self, key: str, *, language: str = FALLBACK_LANGUAGE) -> bool:
        return (key, language, "", "") in self._texts or any(
            known == key and spoken == language for known, spoken, _, _ in self._texts
        )

    def render(
        self,
        key: str,
        *,
        language: str,
        channel: str,
        study: str,
        values: Mapping[str, Any] | None = None,
        replies: Sequence[str] = (),
    ) -> Rendered:
        """The text for `key`, filled in. Raises `ContentMissing` for an unknown key or a placeholder nobody fills."""
        version = self.find(key, language=language, channel=channel, study=study)
        used = [version.id]
        facts = self.facts.get((study, language)) or self.facts.get((study, FALLBACK_LANGUAGE)) or {}
        given = values or {}

        def fill(match: re.Match[str]) -> str:
            name = match.group(1)
            value = given.get(name, facts.get(name))
            if value is None:
                raise ContentMissing(f"Nothing fills {{{name}}} in {key} ({language}).")
            return told(value)

        def told(value: Any) -> str:
            """A value as text: "@key" is an approved text, a list is paragraphs, {"numbered": […]} and "lettered" lists, {"side": […]}
            stands side by side."""
            if isinstance(value, str) and value.startswith("@"):
                inner = self.render(value[1:], language=language, channel=channel, study=study, values=given)
                used.extend(inner.versions)
                return inner.text
            if isinstance(value, list | tuple):
                return "\n\n".join(map(told, value))
            if isinstance(value, Mapping):
                (style, entries), *_ = value.items()
                if style == "side":
                    return " ".join(map(told, entries))
                marks = (f"{n}" if style == "numbered" else ascii_lowercase[(n - 1) % 26] for n in count(1))
                between = "\n\n" if any(isinstance(entry, list | tuple) for entry in entries) else "\n"
                return between.join(f"{mark}. {told(entry)}" for mark, entry in zip(marks, entries, strict=False))
            return str(value() if callable(value) else value)

        text = _PLACEHOLDER.sub(fill, version.text)
        offered = tuple(
            self.find(reply, language=language, channel=channel, study=study).text
            for reply in (*replies, *version.replies)
        )
        return Rendered(text=text, versions=tuple(used), replies=offered)

    def words(self, prefix: str, *, language: str, study: str = "") -> dict[str, str]:
        """All texts whose key starts with `prefix`, by the rest of the key: a page's labels."""
        keys: Sequence[str] = sorted({key for key, *_ in self._texts if key.startswith(prefix)})
        return {
            key.removeprefix(prefix): self.find(key, language=language, channel="webchat", study=study).text
            for key in keys
        }

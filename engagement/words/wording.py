"""One approved text: what it says, where it is used, and the hash by which it is approved."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

CHANNELS = ("sms", "email", "webchat")
"""Channels that may have a variant of their own; the channel "" is the text for all the others."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A text for one key, language, channel ("" for every channel without its own) and study ("" for every study)."""

    key: str
    language: str
    channel: str = ""
    study: str = ""
    text: str
    """Plain text; paragraphs parted by one empty line."""
    replies: tuple[str, ...] = ()
    """Keys of the texts offered as quick replies."""
    approval_id: str
    """The approval that the file names. It is approved only if an approval's list holds `sha256`."""
    file: Path
    line: int
    sha256: str = field(init=False)
    """Hash of the canonical JSON of key, language, channel, study, text and replies: any edit gives another."""

    def __post_init__(self) -> None:
        said = {
            "key": self.key,
            "language": self.language,
            "channel": self.channel,
            "study": self.study,
            "text": self.text,
            "replies": self.replies,
        }
        canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        object.__setattr__(self, "sha256", hashlib.sha256(canonical.encode()).hexdigest())

    @property
    def label(self) -> str:
        """Key, language, channel and study for people to read, such as "faq/cost en sms"."""
        return " ".join(part for part in (self.key, self.language, self.channel, self.study) if part)


def normalised(text: str, *, folded: bool) -> str:
    """A YAML text as it is sent: lines trimmed, paragraphs parted by one empty line.

    In a folded text (`>`) YAML has made one line break of each empty line, so each line is a paragraph.
    """
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.replace("\r\n", "\n").split("\n")]
    joined = "\n".join(lines).strip("\n")
    return re.sub(r"\n+", "\n\n", joined) if folded else re.sub(r"\n{3,}", "\n\n", joined)

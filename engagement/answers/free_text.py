"""Free text and web addresses: kept as written, within the length the item allows."""

import re
from urllib.parse import urlsplit

from engagement.answers.reading import Invalid, NotUnderstood, Reading, Understood
from engagement.answers.setting import Setting
from engagement.answers.text import Text

_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:/\S*)?", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What no string in FHIR may hold: control characters other than tab and line ends (R4, datatypes, string)."""
_SCHEMES = ("http", "https", "ftp", "urn")


def read_free_text(text: Text, setting: Setting) -> Reading:
    """The text itself, white space around it and control characters gone. What has no letter, digit or picture is no answer."""
    return Understood(values=(_CONTROLS.sub("", text.original).strip(),)) if text.words else NotUnderstood()


def read_url(text: Text, setting: Setting) -> Reading:
    """A web address; `https://` is put before one that has no scheme."""
    found = [piece.strip("<>()[],;.\"'") for piece in text.original.split()]
    for piece in found:
        if _HOST.fullmatch(piece):
            return Understood(values=(f"https://{piece}",))
        try:
            parts = urlsplit(piece)
        except ValueError:
            continue
        if parts.scheme.lower() in _SCHEMES and (parts.netloc or parts.path) and len(piece) > len(parts.scheme) + 3:
            return Understood(values=(piece,))
    return Invalid(problem="not-a-url") if len(found) == 1 else NotUnderstood()

"""What a turn wants said: content keys with values, never words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Say:
    """One thing to say. `values` fill the text's placeholders; a value that starts with "@" is itself a content key."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    purpose: str = "reply"

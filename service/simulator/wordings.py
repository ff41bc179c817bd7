"""Which item of a plan a text belongs to, told by the words in content/ alone: what stands between the placeholders."""

import re
import unicodedata
from pathlib import Path

import yaml


class Wordings:
    """The texts of some content keys, in every language and for every channel."""

    def __init__(self, folder: Path, keys: frozenset[str]) -> None:
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        for file in sorted(folder.glob("*/*.yml")):
            texts = yaml.safe_load(file.read_text(encoding="utf-8")).get("texts", {})
            for key, variants in texts.items():
                if key in keys:
                    self._patterns += [(key, _pattern(text)) for text in variants.values() if isinstance(text, str)]

    def key_of(self, text: str) -> str | None:
        """The content key of a text that a provider received; None where it is none of these."""
        bare = _letters(text)
        return next((key for key, pattern in self._patterns if pattern.search(bare)), None)


def _pattern(text: str) -> re.Pattern[str]:
    fixed = [_letters(part) for part in re.split(r"\{[^}]*\}", text)]
    return re.compile(".*".join(re.escape(part) for part in fixed if part), re.DOTALL)


def _letters(text: str) -> str:
    """Letters and digits only: a channel may change marks, breaks and accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum())

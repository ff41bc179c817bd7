from pathlib import Path

import pytest
import yaml

from channels.webchat.frames import ErrorCode
from channels.webchat.words import REQUIRED, MissingWords, check_words

CONTENT = Path(__file__).parents[3] / "content"


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_label_has_its_words_and_no_others_are_kept(language: str) -> None:
    texts = yaml.safe_load((CONTENT / language / "webchat.yml").read_text())["texts"]
    assert set(texts) == {f"webchat/{name}" for name in REQUIRED}
    # The window fills no placeholders.
    assert not [key for key, text in texts.items() if "{" in text["text"]]


def test_every_error_has_a_label() -> None:
    assert {f"error_{code}" for code in ErrorCode} <= set(REQUIRED)


def test_a_missing_label_is_named() -> None:
    words = dict.fromkeys(REQUIRED, "x") | {"send": ""}
    with pytest.raises(MissingWords, match="es: no text for webchat/send"):
        check_words(words, language="es")

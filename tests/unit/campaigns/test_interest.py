"""What is said to an invitation: yes, later, never, or nothing of the kind."""

import pytest

from engagement.campaigns.hearing import Interest, hear_interest

SAID = {
    Interest.YES: (
        (
            "en",
            [
                "yes",
                "YES!",
                "sure, tell me more",
                "I'm interested",
                "count me in",
                "yeah",
                "sounds interesting",
            ],
        ),
        (
            "es",
            ["sí", "SI", "claro que sí", "me interesa", "cuénteme más", "me gustaría participar"],
        ),
    ),
    Interest.LATER: (
        (
            "en",
            [
                "later",
                "not now",
                "maybe next month",
                "no",
                "no thanks",
                "I need time to think",
                "ask me again in 3 months",
                "nope, too busy",
            ],
        ),
        (
            "es",
            [
                "más tarde",
                "ahora no",
                "no",
                "no gracias",
                "tal vez más adelante",
                "la próxima semana",
                "lo voy a pensar",
            ],
        ),
    ),
    Interest.NEVER: (
        (
            "en",
            [
                "never",
                "NEVER",
                "please never ask me again",
                "no more studies",
                "don't invite me to other studies",
                "I'm not interested in any studies",
            ],
        ),
        ("es", ["nunca", "nunca más", "no me inviten a otros estudios", "ya no quiero más invitaciones"]),
    ),
    None: (
        ("en", ["how long do results take?", "who are you?", "what does a positive result mean", "my tooth hurts"]),
        ("es", ["¿cuánto cuesta la prueba?", "¿quién es usted?", "me duele una muela"]),
    ),
}


@pytest.mark.parametrize(
    ("heard", "language", "text"),
    [(heard, language, text) for heard, by in SAID.items() for language, texts in by for text in texts],
)
def test_heard(heard: Interest | None, language: str, text: str) -> None:
    assert hear_interest(text, language=language) == heard


@pytest.mark.parametrize("text", ["never", "nunca", "later", "más tarde"])
def test_words_of_the_other_language_are_heard_too(text: str) -> None:
    assert hear_interest(text, language="en") == hear_interest(text, language="es") is not None

"""Replies to a reminder, as people write them."""

import pytest

from engagement.appointments import Reply, hear_reply

CONFIRM = [
    ("en", text)
    for text in (
        "yes", "Yes!", "y", "YES please", "ok", "confirm", "C", "Confirmed, thanks", "I'll be there", "see you then", "sure",
        "yep that works", "sounds good", "👍", "I can make it", "no need to reschedule, I'll be there",
        "I don't need to move it",
        "Yes. What should I bring?", "sí", "yes I still can", "fine", "will do", "I can come", "No problem, see you then",
    )
] + [
    ("es", text)
    for text in (
        "sí", "Si", "confirmo", "ahí estaré", "allí nos vemos", "claro que sí", "me queda bien", "de acuerdo", "ok",
        "no hace falta cambiarla", "yes",
    )
]  # fmt: skip
MOVE = [
    ("en", text)
    for text in (
        "move", "MOVE please", "no", "I can't make it", "I cant make it Thursday", "Sorry, can't come that day",
        "can we reschedule?",
        "need to reschedule", "another day please", "could we do a different time?", "I won't be able to come", "cancel",
        "I'm out of town then", "that doesn't work for me", "yes but can we move it to Friday", "something came up",
        "I have to work",

        "no I can't", "no, sorry", "move it to Friday", "can we move to next week", "I have no car", "no thanks",
        "I don't think I can make it", "I don't think so",
    )
] + [
    ("es", text)
    for text in (
        "no", "no puedo", "No puedo ir el jueves", "¿podemos cambiarla?", "otro día por favor", "quiero reprogramar",
        "cancelar", "no me queda bien", "estoy de viaje ese día", "no voy a poder asistir", "tengo que trabajar", "move",
    )
]  # fmt: skip
NEITHER = [
    ("en", "what should I bring?"), ("en", "where is it?"), ("en", "is it free?"), ("en", "hello"), ("en", "my knee hurts"),
    ("en", ""), ("en", "I have another question"), ("en", "I want to move to another study"), ("en", "my doctor moved away"),
    ("en", "not now"), ("en", "remind me tomorrow"), ("en", "I can't sleep"), ("en", "I can't go to the bathroom"),
    ("en", "stop"),
    ("en", "thank you"), ("en", "I want to leave the study"), ("en", "good question, what is LRRK2"), ("en", "not sure"),
    ("es", "ya no quiero participar"), ("es", "no puedo dormir"), ("es", "no tengo preguntas"), ("es", "me mudé"),
    ("es", "gracias"),

    ("es", "recuérdame mañana"), ("en", "what time is it?"), ("es", "¿dónde es?"), ("es", "¿qué llevo?"), ("es", "hola"),
    ("en", "maybe"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), CONFIRM)
def test_they_come(language: str, text: str) -> None:
    assert hear_reply(text, language=language) is Reply.CONFIRM


@pytest.mark.parametrize(("language", "text"), MOVE)
def test_they_cannot(language: str, text: str) -> None:
    assert hear_reply(text, language=language) is Reply.MOVE


@pytest.mark.parametrize(("language", "text"), NEITHER)
def test_something_else(language: str, text: str) -> None:
    assert hear_reply(text, language=language) is None

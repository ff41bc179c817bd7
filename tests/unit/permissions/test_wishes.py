"""Stop contact, leave the study, destroy my sample, delete my data: told apart in plain words, in both languages."""

import pytest

from engagement.permissions.wishes import DELETE_DATA, DESTROY_SAMPLE, LEAVE_STUDY, STOP_CONTACT, read_wishes

STOP, LEAVE, SAMPLE, DATA = STOP_CONTACT, LEAVE_STUDY, DESTROY_SAMPLE, DELETE_DATA


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("I want to leave the study", {LEAVE}),
        ("Please withdraw me from the trial.", {LEAVE}),
        ("I'd like to drop out", {LEAVE}),
        ("we have decided to withdraw", {LEAVE}),
        ("I withdraw my consent", {LEAVE}),
        ("take my son out of your research", {LEAVE}),
        ("i no longer want to take part", {LEAVE}),
        ("I don't want to be part of this anymore", {LEAVE}),
        ("Destroy my sample please", {SAMPLE}),
        ("throw my saliva away", {SAMPLE}),
        ("I want my blood destroyed", {SAMPLE}),
        ("I don't want you to keep my DNA", {SAMPLE}),
        ("can you get rid of the tube I sent", {SAMPLE}),
        ("Delete all my data", {DATA}),
        ("please erase my information from your system", {DATA}),
        ("delete everything you have on me", {DATA}),
        ("I want my records deleted", {DATA}),
        ("stop keeping my answers", {DATA}),
        ("stop contacting me", {STOP}),
        ("I want no more calls", {STOP}),
        ("leave me alone", {STOP}),
        ("I'm quitting the study, and delete my data", {LEAVE, DATA}),
        ("Withdraw me, destroy my sample and erase my data.", {LEAVE, SAMPLE, DATA}),
        ("stop texting me and take me out of the study", {STOP, LEAVE}),
        ("quiero salir del estudio", {LEAVE}),
        ("Ya no quiero participar", {LEAVE}),
        ("retiro mi consentimiento", {LEAVE}),
        ("saquen a mi hija del estudio por favor", {LEAVE}),
        ("me retiro", {LEAVE}),
        ("Destruyan mi muestra", {SAMPLE}),
        ("no quiero que guarden mi saliva", {SAMPLE}),
        ("tiren la muestra de sangre", {SAMPLE}),
        ("borren mis datos", {DATA}),
        ("quiero que mis datos sean eliminados", {DATA}),
        ("eliminen toda mi información", {DATA}),
        ("dejen de escribirme", {STOP}),
        ("no me llamen más", {STOP}),
        ("quiero dejar el estudio y que borren mis datos", {LEAVE, DATA}),
    ],
)
def test_what_is_said_plainly(text: str, wishes: set[str]) -> None:
    assert set(read_wishes(text, language="es" if wishes and text[0] in "¿¡" else "en")) == wishes
    assert set(read_wishes(text, language="es")) == wishes, "in whatever language we talk"


@pytest.mark.parametrize(
    "text",
    [
        "I want out",
        "I am done",
        "I don't want to leave the study",
        "what happens if I leave the study?",
        "Can I withdraw from the study later?",
        "don't delete my data",
        "I never said destroy my sample",
        "how do I drop out of the trial",
        "",
        "ya basta",
        "no quiero dejar el estudio",
        "¿qué pasa si dejo el estudio?",
        "¿puedo retirarme del estudio?",
        "no borren mis datos",
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_not_clear_is_nothing_yet(text: str, language: str) -> None:
    assert read_wishes(text, language=language) == ()

"""Which permission is meant, and what it is to become: from plain words, in both languages."""

import pytest

from engagement.permissions.changes import Change, read_change, says_nothing
from engagement.permissions.listing import Item


def item(purpose: str, scope: str = "", *, on: bool = True) -> Item:
    return Item(purpose=purpose, scope=scope, on=on)


ITEMS = (
    item("study_contact"),
    item("genetic_testing"),
    item("return_primary"),
    item("return_incidental", on=False),
    item("sample_storage"),
    item("data_sharing", "sponsor"),
    item("data_sharing", "academic"),
    item("data_sharing", "commercial"),
    item("recontact", "any"),
)


def off(item_: str) -> Change:
    return Change(item=item_, on=False)


def on(item_: str) -> Change:
    return Change(item=item_, on=True)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("don't share my data with companies", off("data_sharing/commercial")),
        ("stop sharing my information with universities", off("data_sharing/academic")),
        ("stop sharing my data", off("data_sharing")),
        ("please tell me about incidental findings", on("return_incidental")),
        ("I want to know about other findings", on("return_incidental")),
        ("don't tell me my results", off("return_primary")),
        ("I don't want you to keep my sample anymore", off("sample_storage")),
        ("no invitations to other studies", off("recontact")),
        ("only write to me about other studies by e-mail", Change(item="recontact", on=True, channels=("email",))),
        ("no texts about other studies", Change(item="recontact", on=True, channels=("email", "webchat"))),
        ("invitations at most twice a year", Change(item="recontact", on=True, per_year=2)),
        ("2", off("genetic_testing")),
        ("number 4", on("return_incidental")),
        ("turn off 8", off("data_sharing/commercial")),
        ("no compartan mis datos con empresas", off("data_sharing/commercial")),
        ("dejen de compartir mis datos", off("data_sharing")),
        ("quiero saber de los hallazgos inesperados", on("return_incidental")),
        ("ya no guarden mi muestra", off("sample_storage")),
        ("no me inviten a otros estudios", off("recontact")),
        ("solo por correo para otros estudios", Change(item="recontact", on=True, channels=("email",))),
        ("invitaciones como máximo tres veces al año", Change(item="recontact", on=True, per_year=3)),
        ("el 4", on("return_incidental")),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_change_is_read(text: str, change: Change, language: str) -> None:
    assert read_change(text, ITEMS, language=language) == change


@pytest.mark.parametrize(
    "text", ["hello", "", "change something", "12", "0", "1 and 2", "share my data", "quiero cambiar algo"]
)
def test_what_is_not_clear_is_asked_back(text: str) -> None:
    assert read_change(text, ITEMS, language="en") is None


def test_a_change_keeps_its_kind() -> None:
    assert [off("recontact").kind, on("recontact").kind, Change(item="recontact", on=True, per_year=2).kind] == [
        "withdrawn",
        "granted",
        "narrowed",
    ]


@pytest.mark.parametrize("text", ["nothing", "never mind", "No.", "nada", "déjelo así", "no thanks"])
def test_to_leave_everything_as_it_is(text: str) -> None:
    assert says_nothing(text, language="en")
    assert not says_nothing("no more invitations", language="en")

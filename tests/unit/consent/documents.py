"""The consent document of a shipped pack, and another version made of it."""

from dataclasses import replace
from datetime import timedelta

from engagement.consent import ConsentDocument, Text, load_consents
from service.settings import ROOT

SLUG = "parkinson-lrrk2-gba1"


def document(slug: str = SLUG) -> ConsentDocument:
    """The first version of a pack."""
    consents, _, faults = load_consents(ROOT / "studies" / slug, study=slug, languages=("en", "es"))
    assert faults == []
    return consents.documents[0]


DOCUMENT = document()


def changed(old: ConsentDocument, *, version: str, section: str, permission: str = "") -> ConsentDocument:
    """A version that takes effect a year later and says something else in one section, and asks one permission anew."""

    def other(text: Text) -> Text:
        return replace(text, words={language: f"{words} New." for language, words in text.words.items()})

    return replace(
        old,
        version=version,
        effective=old.effective + timedelta(days=365),
        expires=old.expires + timedelta(days=365),
        sections=tuple(replace(each, text=other(each.text)) if each.id == section else each for each in old.sections),
        permissions=tuple(
            replace(each, text=other(each.text)) if each.id == permission else each for each in old.permissions
        ),
        changes=old.title,
    )

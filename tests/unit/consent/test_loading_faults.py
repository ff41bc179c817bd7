"""Faults of consent documents: each named by file and line, in words for who writes the pack."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engagement.consent import Consents, load_consents
from engagement.consent.document import changed_permissions, changed_sections
from engagement.studies import check_pack
from engagement.yaml_lines import Fault
from service.settings import ROOT
from tests.unit.consent.documents import DOCUMENT, SLUG, changed

type Edit = Callable[[str], str]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of a shipped pack and of the words for all."""
    shutil.copytree(ROOT / "content", tmp_path / "content")
    return Path(shutil.copytree(ROOT / "studies" / SLUG, tmp_path / "studies" / SLUG))


def edit(pack: Path, name: str, change: Edit) -> None:
    file = pack / "consent" / "1.0" / name
    before = file.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    file.write_text(after, encoding="utf-8")


def load(pack: Path) -> tuple[Consents, list[Fault]]:
    consents, _, faults = load_consents(pack, study=SLUG, languages=("en", "es"))
    return consents, faults


def replacing(old: str, new: str) -> Edit:
    return lambda text: text.replace(old, new, 1)


BROKEN: list[tuple[str, Edit, str, str]] = [
    ("document.yml", replacing("expires: 2029-10-31", "expires: 2026-10-31"), "document.yml", "must be after effective"),
    ("document.yml", replacing("effective: 2026-11-01", "effective: soon"), "document.yml", "must be a day"),
    ("document.yml", replacing("mode: electronic", "mode: paper"), "document.yml", "explain_only, electronic"),
    ("document.yml", replacing("signers: [participant]", "signers: [witness]"), "document.yml", "participant or rep"),
    ("document.yml", replacing('version: "1.0"', 'version: "1.1"'), "document.yml", "the folder's name"),
    ("document.yml", replacing("  - key_information\n", ""), "document.yml", "the first one is key_information"),
    ("document.yml", replacing("purpose: recontact, scope: any", "purpose: recontact"), "document.yml", "scope: must be"),
    ("document.yml", replacing("purpose: return_primary", "purpose: anything"), "document.yml", "purpose: must be"),
    ("document.yml", replacing("purpose: return_primary", "purpose: study_contact"), "document.yml", "purpose: must be"),
    ("document.yml", replacing("purpose: return_primary", "purpose: return_primary, scope: any"), "document.yml", "has none"),
    ("document.yml", replacing("  - {id: risks, section: risks, right: [3, 1]}\n", ""), "document.yml", "'risks' is missing"),
    ("document.yml", replacing("section: data, right: [2, 3]", "section: data, right: [2, 9]"), "document.yml", "a right one"),
    ("document.yml", replacing("mode:", "mood: good\nmode:"), "document.yml", "unknown field 'mood'"),
    ("en.yml", replacing("    title: Why we do this study\n", ""), "en.yml", "section/purpose/title: has no text"),
    ("es.yml", replacing("  recontact:", "  recontact_x:"), "es.yml", "unknown field 'recontact_x'"),
    ("en.yml", replacing("We never sell it. You can ask", "{fact.sample} You can ask"), "en.yml", "has no placeholders"),
    ("en.yml", replacing("Take all the time you need, and talk", "Participation necessitates comprehensive consideration; deliberate "
                         "conscientiously, consulting appropriate professional representatives. Talk"),
     "en.yml", "too hard to read"),
    ("en.yml", replacing("          - It stays the same as now\n", ""), "en.yml", "of them"),
    ("en.yml", replacing("          - My doctor\n", "          - (broken\n"), "en.yml", ""),
    ("en.yml", replacing("        mistaken: |\n", "        mistaken: |\n          (unfinished |\n"), "en.yml", "phrases"),
    ("en.yml", replacing("- It stays the same as now", "- I lose my doctor"), "en.yml", "the phrases read option 1 as"),
    ("en.yml", replacing("      - question: Who decides if you take part in this study?",
                         "      - question: Say you decide not to take part. What happens to your usual care?"), "document.yml",
     "in other words"),
    ("es.yml", lambda text: re.sub(r"    sms: >-\n      Queremos saber.*?\n    more", "    more", text, flags=re.S), "es.yml",
     "give it an 'sms' text"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "where", "message"), BROKEN)
def test_a_fault(pack: Path, name: str, change: Edit, where: str, message: str) -> None:
    edit(pack, name, change)
    if not message:
        assert load(pack)[1] == [], "an option may say anything that can be read"
        return
    found = [fault for fault in load(pack)[1] if message in fault.message]
    assert found, load(pack)[1]
    assert found[0].file.name == where
    assert found[0].line >= 1


def test_lines_are_those_of_the_text(pack: Path) -> None:
    edit(pack, "en.yml", replacing("We never sell it.", "{fact.sample}"))
    [fault] = load(pack)[1]
    lines = (pack / "consent" / "1.0" / "en.yml").read_text(encoding="utf-8").splitlines()
    assert lines[fault.line - 1].strip() == "text: >-"
    assert any("{fact.sample}" in line for line in lines[fault.line : fault.line + 5])


def test_a_missing_language(pack: Path) -> None:
    (pack / "consent" / "1.0" / "es.yml").unlink()
    consents, faults = load(pack)
    assert consents.documents == ()
    assert [fault.file.name for fault in faults if "can't be read" in fault.message] == ["es.yml"]


def test_private_words_need_an_sms_text_of_their_own(pack: Path) -> None:
    edit(
        pack,
        "en.yml",
        replacing("permissions:\n  genetic_testing: May", "permissions:\n  genetic_testing: Parkinson? May"),
    )
    [fault] = [fault for fault in check_pack(pack) if "SMS" in fault.message]
    assert "Parkinson" in fault.message
    assert fault.file.name == "en.yml"


def test_a_later_version_says_what_is_new(pack: Path) -> None:
    later = Path(shutil.copytree(pack / "consent" / "1.0", pack / "consent" / "1.1"))
    structure = later / "document.yml"
    text = structure.read_text(encoding="utf-8").replace('"1.0"', '"1.1"').replace("2026-11-01", "2027-11-01")
    structure.write_text(text, encoding="utf-8")
    _, faults = load(pack)
    assert [(fault.file.parent.name, "what is new" in fault.message) for fault in faults] == [("1.1", True)]
    for language in ("en", "es"):
        file = later / f"{language}.yml"
        file.write_text(file.read_text(encoding="utf-8") + "\nchanges: One more visit.\n", encoding="utf-8")
    consents, faults = load(pack)
    assert faults == []
    assert [document.version for document in consents.documents] == ["1.0", "1.1"]
    first, second = consents.documents
    assert consents.in_force(first.effective) == first
    assert consents.in_force(second.effective) == second
    assert consents.in_force(second.expires.replace(year=2999)) is None
    assert changed_sections(first, second) == ()
    assert first.sha256("en") != second.sha256("en"), "another version is another document"


def test_the_hash_is_of_the_very_words() -> None:
    other = changed(DOCUMENT, version=DOCUMENT.version, section="money")
    assert other.sha256("en") != DOCUMENT.sha256("en")
    assert DOCUMENT.sha256("en") != DOCUMENT.sha256("es")
    assert DOCUMENT.sha256("en") == DOCUMENT.sha256("en")
    assert len(DOCUMENT.sha256("en")) == 64


def test_what_changed_between_versions() -> None:
    new = changed(DOCUMENT, version="2.0", section="money", permission="recontact")
    assert changed_sections(DOCUMENT, new) == ("money",)
    assert [permission.id for permission in changed_permissions(DOCUMENT, new)] == ["recontact"]

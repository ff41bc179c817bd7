"""The words and study packs that ship: no fault, every text approved, none above 8th grade."""

from engagement.shelves import load_shelves
from engagement.studies import check_packs
from service.cli.folders import CONTENT, STUDIES

SHELVES = load_shelves(CONTENT, STUDIES)


def test_there_are_words() -> None:
    assert sum(len(shelf.words) for shelf in SHELVES) > 300


def test_no_fault() -> None:
    assert [str(fault) for shelf in SHELVES for fault in shelf.faults] == []


def test_no_fault_in_a_pack() -> None:
    assert [str(fault) for fault in check_packs(STUDIES)] == []


def test_every_text_is_approved() -> None:
    unapproved = [wording.label for shelf in SHELVES for wording in shelf.unapproved()]
    assert unapproved == [], "edited or new texts: perennial content approve --id … --by …"

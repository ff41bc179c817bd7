"""A signature's record: written one way, read back the same, and no part of it changes without the hash."""

from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.signatures.record import (
    Answered,
    Proof,
    SignatureRecord,
    read_name,
    read_record,
    record_sha256,
    write_record,
)
from tests.unit.signatures.made import AT, a_record

OTHER = UUID("0192f0c1-2d3e-7abc-8def-999999999999")
CHANGES: dict[str, Any] = {
    "id": OTHER,
    "request": OTHER,
    "participant": OTHER,
    "study": "batten-cln2",
    "role": "witness",
    "version": "1.1",
    "approval": "PRN-LARKSPUR-2",
    "language": "es",
    "document_sha256": "a" * 63 + "b",
    "name": "Sam Riviera",
    "meaning": "I agree!",
    "at": AT + timedelta(microseconds=1),
    "time_zone": "America/New_York",
    "identity": (Proof(how="code", at=AT, channel="email"),),
    "nonce": "0" * 31 + "1",
    "for_name": "Lia Rivera",
    "relationship": "Parent",
    "answer": "declines",
    "reason": "ill",
    "permissions": (Answered(id="recontact", purpose="recontact", scope="any", words="May we?", granted=False),),
    "by": str(OTHER),
    "follows": (),
}


def test_a_known_hash() -> None:
    """Written down: a record in a database must verify with every later version of the code."""
    assert record_sha256(write_record(a_record())) == "49b206c74541208eb3f783018c7a59fd14d487b99889d9d52fd00377bf980f74"


def test_every_field_is_tried() -> None:
    assert set(CHANGES) == {field.name for field in fields(SignatureRecord)}


@pytest.mark.parametrize("name", CHANGES)
def test_every_part_counts(name: str) -> None:
    changed = write_record(a_record(**{name: CHANGES[name]}))
    assert record_sha256(changed) != record_sha256(write_record(a_record()))
    assert read_record(changed) == a_record(**{name: CHANGES[name]})


@given(name=st.text(), meaning=st.text(), reason=st.text())
def test_whatever_is_said_is_read_back(name: str, meaning: str, reason: str) -> None:
    record = a_record(name=name, meaning=meaning, reason=reason)
    assert read_record(write_record(record)) == record


def test_the_time_is_that_of_the_place() -> None:
    assert a_record().local_time.isoformat(timespec="seconds") == "2026-11-24T12:30:05-06:00"
    assert '"local_time":"2026-11-24T12:30:05.000042-06:00"' in write_record(a_record())


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format":"perennial-signature/2"}', "null"])
def test_what_is_no_record_is_not_read(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        read_record(text)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Sam Rivera", "Sam Rivera"),
        ("  Sam \t Rivera\n", "Sam Rivera"),
        ("José Ñíguez-O’Brien, Jr.", "José Ñíguez-O’Brien, Jr."),
        ("Jose\u0301", "José"),
        ("王小明", "王小明"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("<b>Sam</b> #x $y", "<b>Sam</b> #x $y"),
        ("", None),
        ("x", None),
        ("12 34", None),
        ("…", None),
        ("Sam\u202eRivera", None),
        ("Sam\u0000Rivera", None),
        ("Sam\ufeffRivera", None),
        ("Sam 😀", None),
        ("x" * 100, "x" * 100),
        ("x" * 101, None),
    ],
)
def test_read_name(typed: str, read: str | None) -> None:
    assert read_name(typed) == read

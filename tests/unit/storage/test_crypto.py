"""Sealed values: only the right key, in the right row, unaltered, opens them; errors give nothing away."""

from base64 import b64encode, urlsafe_b64encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto import CryptoError, Keyring, fingerprint, make_key, parse_keyring

ROW, OTHER = UUID(int=1), UUID(int=2)
OLD = Keyring(active="old", keys={"old": b"\1" * 32})
BOTH = Keyring(active="new", keys={"new": b"\2" * 32, "old": b"\1" * 32})
NEW = Keyring(active="new", keys={"new": b"\2" * 32})
PLACE = "messages.body"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_round_trip(text: str) -> None:
    assert OLD.open(OLD.seal(text, place=PLACE, row=ROW), place=PLACE, row=ROW) == text


def test_the_same_text_is_never_sealed_alike_and_not_readable() -> None:
    first, second = (OLD.seal("Sam Rivera", place=PLACE, row=ROW) for _ in range(2))
    assert first != second
    assert b"Rivera" not in first


@pytest.mark.parametrize(("place", "row"), [(PLACE, OTHER), ("messages.peer", ROW), ("messages.body:", ROW)])
def test_a_value_moved_elsewhere_does_not_open(place: str, row: UUID) -> None:
    with pytest.raises(CryptoError):
        OLD.open(OLD.seal("hello", place=PLACE, row=ROW), place=place, row=row)


def test_no_altered_value_opens() -> None:
    sealed = OLD.seal("hello", place=PLACE, row=ROW)
    for at in range(len(sealed)):
        altered = bytearray(sealed)
        altered[at] ^= 1
        with pytest.raises(CryptoError):
            OLD.open(bytes(altered), place=PLACE, row=ROW)


def test_no_shortened_value_opens() -> None:
    sealed = OLD.seal("hello", place=PLACE, row=ROW)
    for length in range(len(sealed)):
        with pytest.raises(CryptoError):
            OLD.open(sealed[:length], place=PLACE, row=ROW)


def test_each_value_names_its_key_and_old_ones_still_open() -> None:
    sealed = OLD.seal("hello", place=PLACE, row=ROW)
    assert BOTH.key_of(sealed) == "old"
    assert BOTH.open(sealed, place=PLACE, row=ROW) == "hello"
    again = BOTH.seal("hello", place=PLACE, row=ROW)
    assert NEW.key_of(again) == "new"
    assert NEW.open(again, place=PLACE, row=ROW) == "hello"


def test_a_key_that_is_gone_is_said() -> None:
    with pytest.raises(CryptoError, match="not configured"):
        NEW.open(OLD.seal("hello", place=PLACE, row=ROW), place=PLACE, row=ROW)


def test_the_blind_index_is_the_same_each_time_and_another_for_each_key_and_value() -> None:
    assert BOTH.index("+12025550110") == BOTH.index("+12025550110")
    assert BOTH.indexes("+12025550110") == [NEW.index("+12025550110"), OLD.index("+12025550110")]
    assert len({*BOTH.indexes("+12025550110"), *BOTH.indexes("+12025550111")}) == 4
    assert BOTH.index("x").startswith("new:")
    assert "2025550110" not in BOTH.index("+12025550110")


@pytest.mark.parametrize("name", ["k1", "demo1", "2026"])
def test_a_made_key_is_read(name: str) -> None:
    assert parse_keyring(make_key(name)).active == name


def test_both_alphabets_of_base64_are_read_padded_or_not() -> None:
    key = bytes([255, 239]) * 16
    for encoded in (b64encode(key).decode(), urlsafe_b64encode(key).decode().rstrip("=")):
        assert parse_keyring(f"a:{encoded}").keys["a"] == key


def test_the_first_key_is_active_and_space_does_not_matter() -> None:
    ring = parse_keyring(f" {make_key('b')} ,\n{make_key('a')},")
    assert ring.active == "b"
    assert set(ring.keys) == {"a", "b"}


SECRET = urlsafe_b64encode(b"s" * 31).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        SECRET,
        f"a:{SECRET}",
        f":{urlsafe_b64encode(b's' * 32).decode()}",
        f"a b:{urlsafe_b64encode(b's' * 32).decode()}",
        f"clé:{urlsafe_b64encode(b's' * 32).decode()}",
        f"a:{urlsafe_b64encode(b's' * 33).decode()}",
        f"a:{urlsafe_b64encode(b's' * 32).decode()},a:{urlsafe_b64encode(b't' * 32).decode()}",
        f"a:{urlsafe_b64encode(b's' * 32).decode()},b:{SECRET}",
        "a:ÿÿÿ",
        f"a={urlsafe_b64encode(b's' * 32).decode()}",
    ],
)
def test_a_bad_keyring_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(CryptoError) as caught:
        parse_keyring(text)
    said = str(caught.value)
    assert not any(part and part in said for part in (SECRET, SECRET[:8], urlsafe_b64encode(b"s" * 32).decode()[:8]))
    # Neither may a traceback's cause hold it.
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("active", "keys"), [("b", {"a": b"\1" * 32}), ("a", {"a": b"\1" * 16}), ("a", {"a": b"\1" * 32, "b": b""})]
)
def test_a_keyring_that_cannot_work_is_not_made(active: str, keys: dict[str, bytes]) -> None:
    with pytest.raises(CryptoError):
        Keyring(active=active, keys=keys)


def test_a_keyring_does_not_show_its_keys() -> None:
    assert "\\x01" not in repr(OLD)


def test_fingerprint() -> None:
    assert fingerprint("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

"""Noise is told from words: unknown ones, misspelt ones, and those that only an encoder knows."""

import pytest

from components.dictionary import Dictionary, one_slip_apart

KNOWN = Dictionary.of(["how much does it cost", "¿cuánto cuesta la prueba?", "withdraw", "genetic counselor"])


def encoder_knows(word):
    return word in {"mañana", "frog"}


@pytest.mark.parametrize(
    ("text", "noise"),
    [
        ("frumious vortig nambo", True),
        ("asdfghjkl", True),
        ("frumious vortig cost", False),
        ("CUANTO", False),
        ("witdraw", False),
        ("withdrwa", False),
        ("counsellor", False),
        ("mañana", False),
        ("zzyx frog", False),
        ("", False),
        ("12345", False),
        ("👍🏽", False),
        ("?!", False),
        ("mm", False),
        ("coxt", True),
    ],
)
def test_noise(text, noise):
    assert KNOWN.is_noise(text, encoder_knows) is noise


def test_state_survives():
    assert Dictionary(KNOWN.words()).words() == KNOWN.words()
    assert "cuanto" in KNOWN.words()


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("abcd", "abc", True),
        ("abc", "xabc", True),
        ("abcd", "abxd", True),
        ("abcd", "acbd", True),
        ("abcd", "abcd", True),
        ("abcd", "badc", False),
        ("abcd", "ab", False),
        ("abcd", "abyx", False),
    ],
)
def test_a_slip(one, other, apart):
    assert one_slip_apart(one, other) is apart
    assert one_slip_apart(other, one) is apart

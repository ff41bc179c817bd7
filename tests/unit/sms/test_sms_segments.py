"""Segments: the count is exact, the cuts read well, nothing is lost."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.boundaries import Break, cuts, graphemes
from channels.sms.split import shorten, split_text
from engagement.words.gsm import BASIC, EXTENSION, is_gsm, to_gsm
from engagement.words.segments import count_segments

FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # An odd place: the pair does not fit the 153rd septet, so each part holds 152.
        ("€" * 152, 2),
        ("€" * 153, 3),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("a" * 151 + "€" + "a" * 153, 2),
        ("^{}\\[~]|€\f" * 8, 1),
        ("ñ¿¡éèàòìùüÜÑÇ" * 12, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        # 67 is odd: a part holds 33 surrogate pairs.
        ("😀" * 66, 2),
        ("😀" * 67, 3),
        ("a" * 69 + "á", 1),
        ("a" * 70 + "á", 2),
        ("`", 1),
        ("`" + "a" * 70, 2),
    ],
)
def test_count(text: str, segments: int) -> None:
    assert count_segments(text) == segments


def test_the_alphabet_is_that_of_the_standard() -> None:
    assert len(BASIC) == 127
    assert len(EXTENSION) == 10
    assert all(is_gsm(c) for c in "éñüàèìòùÉÑÜÇ¿¡£")
    assert not any(is_gsm(c) for c in "áíóúÁÍÓÚçê`’“…–\u00a0\x1b")


def slow_count(text: str) -> int:
    """The parts written out one unit after the other."""
    gsm = all(c in BASIC or c in EXTENSION for c in text)
    pieces = [("." if c in BASIC else "..") if gsm else "." * (len(c.encode("utf-16-le")) // 2) for c in text]
    if len("".join(pieces)) <= (160 if gsm else 70):
        return 1
    parts = [""]
    for piece in pieces:
        if len(parts[-1] + piece) > (153 if gsm else 67):
            parts.append("")
        parts[-1] += piece
    return len(parts)


LETTERS = st.sampled_from([*"abc XYZ.,!?\n", "€", "{", "é", "ñ", "á", "’", "😀", "漢", "e\u0301"])


@given(st.lists(LETTERS, max_size=400).map("".join))
def test_count_agrees_with_a_slow_reference(text: str) -> None:
    assert count_segments(text) == slow_count(text)


WORDS = st.sampled_from(
    ["I", "am", "here.", "Dr.", "results", "¿Cuánto", "tarda?", "niño", "{x}", "€5", FAMILY, "👍🏽", "🇪🇸", "a" * 40,
     "https://perennial.example/s/4f8a?x=1", "漢字", "\n\n", "\n", "e\u0301e\u0301"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=120).map(" ".join)


def solid(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(TEXTS, st.integers(1, 4))
def test_split_loses_nothing_and_keeps_to_the_limit(text: str, most: int) -> None:
    messages = split_text(text, max_segments=most)
    assert solid("".join(messages)) == solid(text)
    assert all(count_segments(message) <= most for message in messages)
    assert all(message == message.strip() != "" for message in messages)
    # Every word of these fits a message, so every word stands whole in one.
    assert [word for message in messages for word in message.split()] == text.split()


@given(st.lists(st.sampled_from([FAMILY, "👍🏽", "🇪🇸", "e\u0301", "a", "漢", "€"]), min_size=1, max_size=200))
def test_a_word_too_long_is_cut_between_signs(signs: list[str]) -> None:
    word = "".join(signs)
    messages = split_text(word, max_segments=1)
    assert "".join(messages) == word
    assert all(count_segments(message) == 1 for message in messages)
    assert [sign for message in messages for sign in graphemes(message)] == graphemes(word)


@given(TEXTS, st.integers(1, 3))
def test_shorten_fits_and_keeps_the_link(text: str, most: int) -> None:
    link = "Read more: https://perennial.example/m/abc"
    short = shorten(text, max_segments=most, link_text=link)
    assert count_segments(short) <= most
    assert short == text.strip() or short.endswith(link)
    head = short.removesuffix(link).rstrip().removesuffix("...")
    assert text.strip().startswith(head)


@given(st.text(max_size=200))
def test_to_gsm_is_gsm_or_the_same_text(text: str) -> None:
    once = to_gsm(text)
    assert is_gsm(once) or once == unicodedata.normalize("NFC", text)
    assert to_gsm(once) == once
    assert count_segments(once) <= count_segments(text) or not is_gsm(once) or "…" in text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("It’s “free” – really…", 'It\'s "free" - really...'),
        ("5\u00a0mg", "5 mg"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
        ("«Sí»", "«Sí»"),
        ("¿Cuánto cuesta? – nada", "¿Cuánto cuesta? – nada"),
        ("man\u0303ana", "mañana"),
        ("«mañana»", '"mañana"'),
        ("👩‍👧’s", "👩‍👧’s"),
    ],
)
def test_typography(text: str, plain: str) -> None:
    assert to_gsm(text) == plain


def test_split_prefers_paragraphs_then_sentences() -> None:
    first = "The test is free. " * 5
    assert split_text(f"{first.strip()}\n\n{first.strip()}", max_segments=1) == (first.strip(), first.strip())
    sentences = split_text("We take some saliva at home. " * 12, max_segments=1)
    assert len(sentences) == 3
    assert all(message.endswith("home.") for message in sentences)


def test_a_better_cut_is_not_taken_where_it_would_waste_a_message() -> None:
    words = "word " * 60
    messages = split_text("Hi. " + words, max_segments=1)
    assert messages[0].startswith("Hi. word word")
    assert len(messages) == 2


def test_titles_and_initials_end_no_sentence() -> None:
    kinds = [cut.kind for cut in cuts("Ask Dr. Ruiz, e.g. on J. Smith. Then go")]
    assert kinds.count(Break.SENTENCE) == 1


def test_a_no_break_space_holds() -> None:
    assert [cut.end for cut in cuts("5\u00a0mg a day")] == [4, 6, 10]


def test_a_web_address_is_never_cut() -> None:
    url = "https://perennial.example/" + "x" * 200
    assert split_text(f"Look: {url} (new)", max_segments=1) == ("Look:", url, "(new)")


def test_shorten_ends_at_a_sentence() -> None:
    text = "Results take six weeks. A person calls you. " + "Then we talk about what they mean for you. " * 6
    short = shorten(text, max_segments=1, link_text="More: https://perennial.example/m/1")
    assert short.startswith("Results take six weeks. A person calls you. Then")
    assert short.endswith("for you. More: https://perennial.example/m/1")
    assert count_segments(short) == 1


def test_shorten_without_a_sentence_that_fits() -> None:
    text = "word, " * 60
    assert re.fullmatch(r"(word, )+word\.\.\. More: x", shorten(text, max_segments=1, link_text="More: x"))


def test_shorten_leaves_a_text_that_fits() -> None:
    assert shorten("Short.", max_segments=1, link_text="More") == "Short."


def test_shorten_refuses_a_link_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="link"):
        shorten("word " * 100, max_segments=1, link_text="x" * 161)


@pytest.mark.parametrize("blank", ["", "  \n "])
def test_blank_text(blank: str) -> None:
    assert split_text(blank, max_segments=1) == ()
    assert shorten(blank, max_segments=1, link_text="More") == ""


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        split_text("x", max_segments=0)

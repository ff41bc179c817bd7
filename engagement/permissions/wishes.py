"""Four wishes that are often said in one breath and mean different things: read from plain words, or not at all. Pure."""

from engagement.answers.text import read_text
from engagement.permissions.phrases import Words, all_words

STOP_CONTACT, LEAVE_STUDY, DESTROY_SAMPLE, DELETE_DATA = "stop_contact", "leave_study", "destroy_sample", "delete_data"
WISHES = (STOP_CONTACT, LEAVE_STUDY, DESTROY_SAMPLE, DELETE_DATA)
"""In the order in which they are offered where it is not clear which is meant."""


def read_wishes(text: str, *, language: str) -> tuple[str, ...]:
    """The wishes that a message says plainly, of `WISHES`; none where it is not clear, turned round, or a question.

    It is for messages that are about leaving: nothing here tells a wish from talk about something else.
    """
    said = read_text(text).words
    for known in all_words(language):
        if known.questions.inside(said):
            continue
        found = tuple(wish for wish in WISHES if _says(said, wish, known))
        if found:
            return found
    return ()


def _says(said: str, wish: str, known: Words) -> bool:
    return any(
        known.before.search(said[: match.start()].rstrip()) is None for match in known.wishes[wish].matches(said)
    )

"""Which labels the chat window needs: the texts `webchat/<name>` of each language served."""

from collections.abc import Mapping

from conversation.errors import PerennialError

REQUIRED: tuple[str, ...] = (
    "title",
    "launcher",
    "close",
    "log",
    "intro",
    "input",
    "send",
    "characters_left",
    "from_me",
    "from_programme",
    "from_person",
    "sending",
    "sent",
    "waiting",
    "not_sent",
    "typing",
    "replies",
    "entry_date",
    "entry_number",
    "entry_send",
    "new_messages",
    "unread",
    "connecting",
    "offline",
    "held",
    "opted_out",
    "noscript",
    "link_title",
    "link_intro",
    "link_contact",
    "link_send",
    "link_code",
    "link_verify",
    "link_cancel",
    "link_sent",
    "link_linked",
    "link_wrong_code",
    "link_expired",
    "link_too_many",
    "link_bad_contact",
    "forget",
    "forgotten",
    "expired_title",
    "expired_text",
    "error_rate_limited",
    "error_too_long",
    "error_bad_frame",
    "error_bad_session",
    "error_origin",
    "error_busy",
)


class MissingWords(PerennialError):
    """A label of the chat window has no approved text."""


def check_words(words: Mapping[str, str], *, language: str) -> dict[str, str]:
    """The labels, all of them; `MissingWords` names those that are not there."""
    missing = [name for name in REQUIRED if not words.get(name)]
    if missing:
        raise MissingWords(f"{language}: no text for {', '.join(f'webchat/{name}' for name in missing)}")
    return {name: words[name] for name in REQUIRED}

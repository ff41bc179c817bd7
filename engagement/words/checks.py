"""What a text has to keep to: placeholders, length, reading level, quick replies, the same keys in every language."""

from collections.abc import Iterable, Sequence

from engagement.reading_level import HARDEST_GRADE, check_reading_level
from engagement.words.placeholders import parse_placeholders, placeholder_problems
from engagement.words.segments import count_template_segments
from engagement.words.wording import Wording
from engagement.yaml_lines import Fault

MAX_SEGMENTS = 3
MAX_REPLY = 20
"""Characters of a quick reply: what fits a button on a small phone."""
SHORT = 6
"""Words up to which a text has no reading level: a label or a heading."""

_BILINGUAL = "language/"
"""Texts that speak to people in their other language too: no formula reads two languages."""
_NEVER_BY_SMS = ("email/", "webchat/", "replies/")


def _fault(wording: Wording, message: str) -> Fault:
    return Fault(file=wording.file, line=wording.line, message=f"{wording.key}: {message}")


def check_wording(wording: Wording) -> list[Fault]:
    """The faults of one text by itself."""
    problems = placeholder_problems(wording.text, own_facts=bool(wording.study))
    if wording.channel == "sms" and (count := count_template_segments(wording.text)) > MAX_SEGMENTS:
        problems.append(f"the SMS takes {count} segments; {MAX_SEGMENTS} are allowed")
    if wording.key.startswith("replies/") and len(wording.text) > MAX_REPLY:
        problems.append(f"a quick reply has at most {MAX_REPLY} characters, this one {len(wording.text)}")
    grade = None if _has_no_level(wording) else check_reading_level(wording.text, wording.language)
    if grade is not None:
        problems.append(
            f"too hard to read: grade {grade:.1f}, allowed {HARDEST_GRADE:g}; use shorter sentences and words"
        )
    return [_fault(wording, problem) for problem in problems]


def _has_no_level(wording: Wording) -> bool:
    return wording.key.startswith(("replies/", _BILINGUAL)) or len(wording.text.split()) <= SHORT


def check_across(words: Sequence[Wording], *, shared: Sequence[Wording] | None = None) -> list[Fault]:
    """The faults that only show between texts. `shared`: texts of `content/`, for those of a study."""
    defaults = {(word.key, word.language): word for word in words if not word.channel}
    return [*_check_replies(words, defaults, shared), *_check_languages(words, defaults)]


def _check_replies(
    words: Sequence[Wording], defaults: dict[tuple[str, str], Wording], shared: Sequence[Wording] | None
) -> Iterable[Fault]:
    if shared is None and any(word.study for word in words):
        return
    known = {(word.key, word.language) for word in shared or ()} | set(defaults)
    for word in defaults.values():
        for reply in word.replies:
            if (reply, word.language) not in known:
                yield _fault(word, f"the quick reply '{reply}' has no text in {word.language}")
            elif not reply.startswith("replies/"):
                yield _fault(word, f"'{reply}' is no quick reply; their keys begin with replies/")


def _check_languages(words: Sequence[Wording], defaults: dict[tuple[str, str], Wording]) -> Iterable[Fault]:
    languages = sorted({word.language for word in words})
    bare: dict[tuple[str, str], set[str]] = {}
    for word in words:
        names = {name for name in parse_placeholders(word.text) if "." not in name}
        bare.setdefault((word.key, word.language), set()).update(names)
    for (key, language), word in sorted(defaults.items()):
        for other in languages:
            if (key, other) not in defaults:
                yield _fault(word, f"has no text in {other}")
            elif extra := bare[key, language] - bare[key, other]:
                yield _fault(
                    word, f"{{{sorted(extra)[0]}}} is not used in {other}; a name must stand in every language"
                )


def may_go_by_sms(words: Iterable[Wording]) -> list[Wording]:
    """The texts that an SMS may carry: the SMS variant of a key, else its text for every channel."""
    chosen: dict[tuple[str, str], Wording] = {}
    for word in words:
        key = (word.key, word.language)
        if word.key.startswith(_NEVER_BY_SMS):
            continue
        if word.channel == "sms" or (not word.channel and key not in chosen):
            chosen[key] = word
    return list(chosen.values())

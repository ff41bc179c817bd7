"""What a study pack puts into the placeholders of approved words."""

from engagement.errors import EngagementError
from engagement.studies.pack import StudyPack


class UnknownLanguage(EngagementError):
    """The study does not speak this language."""


def placeholders(pack: StudyPack, language: str) -> dict[str, str]:
    """Placeholder → text, such as "fact.cost" → "The test is free for you."; `UnknownLanguage` if the pack lacks it."""
    if language not in pack.languages:
        raise UnknownLanguage(f"{pack.slug} does not speak '{language}'")
    filled = {f"fact.{name}": said[language] for name, said in pack.facts.items()}
    filled |= {
        "contact.coordinator": pack.contacts.coordinator,
        "contact.phone": pack.contacts.phone,
        "contact.email": pack.contacts.email,
        "contact.hours": pack.contacts.hours[language],
        "study.name": pack.name[language],
        "study.title": pack.title[language],
        "programme.name": pack.programme[language],
        "safety.crisis_line": pack.safety.crisis_line[language],
        "safety.emergency_number": pack.safety.emergency_number,
        "safety.poison_line": pack.safety.poison_line,
    }
    return filled

"""Consent that is understood: the document of a study pack, its walk-through, teach-back and decision.

`document`, `loading`, `wordings`: what a pack says, as values, with its faults and its words. `walk`, `hearing`,
`understanding`: a conversation about it, pure. `taking`: the same in the database, once for each message.

    consents, words, faults = load_consents(folder, study=slug, languages=("en", "es"))
    document = consents.in_force(on)          # the version in force on a day, None where there is none
    document.sha256("en")                     # the exact words: what a signature is bound to
    document.sections[0]                      # key information first (45 CFR 46.116(a)(5)(i))
"""

from engagement.consent.document import (
    Check,
    Concept,
    ConsentDocument,
    Consents,
    PermissionAsked,
    Question,
    Section,
    Text,
)
from engagement.consent.loading import load_consents

__all__ = [
    "Check",
    "Concept",
    "ConsentDocument",
    "Consents",
    "PermissionAsked",
    "Question",
    "Section",
    "Text",
    "load_consents",
]

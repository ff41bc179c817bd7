"""A form of the signing page as it was sent, read into what `engagement.signatures.signing` takes."""

from collections.abc import Mapping

from engagement.consent import ConsentDocument
from engagement.signatures.record import AGREES, DECLINES, UNABLE
from engagement.signatures.sheet import Sheet
from engagement.signatures.signing import Given
from service.signing.words import REASONS, RELATIONSHIPS

MAX_TYPED = 200
"""Characters of a field; a name is shorter, and says so itself."""


def read_form(
    form: Mapping[str, object], document: ConsentDocument, sheet: Sheet, words: Mapping[str, str], *, role: str
) -> Given:
    """What was filled in for `role`, in the language of `sheet`."""

    def typed(name: str) -> str:
        return str(form.get(name, ""))[:MAX_TYPED].replace("\0", "")

    def chosen(name: str, of: tuple[str, ...]) -> str:
        return typed(name) if typed(name) in of else ""

    answer = chosen("answer", (AGREES, DECLINES, UNABLE)) if role == "assent" else AGREES
    meanings = {
        "assent": words[f"assent_{answer}"] if answer else "",
        "witness": words["witness_meaning"],
    }
    return Given(
        role=role,
        language=sheet.language,
        sha256=typed("sha256"),
        meaning=meanings.get(role, sheet.agreement),
        name=typed("name"),
        agreed=typed("agreed") == "yes",
        code=typed("code"),
        permissions={
            each.id: typed(f"permission-{each.id}") == "yes"
            for each in document.permissions
            if typed(f"permission-{each.id}") in ("yes", "no")
        },
        for_name=typed("for_name"),
        relationship=words.get(chosen("relationship", RELATIONSHIPS), ""),
        answer=answer,
        reason=words.get(chosen("reason", REASONS), ""),
    )

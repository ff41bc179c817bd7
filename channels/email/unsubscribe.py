"""See a wish to be left alone that needs no reading: the mailto of List-Unsubscribe, or a lone word in the subject."""

import re

from channels.email.parsed import EmailKind

_SUBJECT = re.compile(
    r"^\s*(?:(?:re|rv|aw|fwd?)\s*:\s*)*(?:please\s+)?(?:unsubscribe|un-subscribe|unsubscribe me|darme de baja|"
    r"dar de baja|"
    r"cancelar (?:la )?suscripci[oó]n|desuscribir(?:me)?|baja)\s*[.!]*\s*$",
    re.IGNORECASE,
)


def asks_to_unsubscribe(
    *, kind: EmailKind, subject: str, visible_text: str, recipients: tuple[str, ...], tokens: tuple[str, ...]
) -> bool:
    """True for a mail to `unsubscribe+<token>@…` (RFC 2369 section 3.2) and for a bare subject with nothing below.

    Mail programs write the first kind themselves and may mark it as automatic: it counts all the same.
    """
    if kind in {EmailKind.MESSAGE, EmailKind.AUTO_REPLY} and tokens:
        return True
    addressed = any(address.startswith("unsubscribe@") for address in recipients)
    return kind is EmailKind.MESSAGE and (addressed or (not visible_text and bool(_SUBJECT.match(subject))))

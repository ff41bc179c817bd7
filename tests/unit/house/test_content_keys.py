"""Whatever Python or the bot wants said has words, in every language; and every answer of the bot can be reached."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import get_args

import pytest
import yaml

from channels.webchat.words import REQUIRED
from conversation.triage import TriageKind
from engagement.answers import Doubt, Problem
from engagement.consent.walk import Step
from engagement.instruments import Verdict
from engagement.interviews.lines import UNITS
from engagement.permissions import PURPOSES, WHOLE
from engagement.permissions.entry import CHANNELS
from engagement.permissions.hearing import MOST_TOLD
from engagement.permissions.wishes import WISHES
from engagement.words import load_words
from service.settings import ROOT
from tests.unit.house.sources import PRODUCT, literals, trees

WORDS, _ = load_words(ROOT / "content")
LANGUAGES = sorted({word.language for word in WORDS})
KNOWN = {language: {word.key for word in WORDS if word.language == language} for language in LANGUAGES}
THEMES = {key.partition("/")[0] for key in KNOWN["en"] if "/" in key}
DOMAIN = yaml.safe_load((ROOT / "bot" / "domain.yml").read_text(encoding="utf-8"))

KINDS = ["yes_no", "number", "date", "time", "choice", "several", "text"]
ENGINE_PROBLEMS = ["required", "too-few", "too-many", "wrong-type", "not-asked", "not-open"]
"""Those of `engagement.questionnaires.check_values.Problem` that reading does not have."""

PERMITTED = [
    *(f"{purpose.name}/{scope}" for purpose in PURPOSES.values() for scope in purpose.scopes if scope),
    *(purpose.name for purpose in PURPOSES.values() if purpose.scopes == (WHOLE,) or purpose.name == "recontact"),
]

MADE: Mapping[str, Mapping[str, Iterable[str]]] = {
    "actions/snooze.py": {
        "@month/": [f"m{number}" for number in range(1, 13)],
        "@snooze/part/": ["morning", "afternoon", "evening"],
    },
    "conversation/alarm.py": {
        "safety/": [kind.value for kind in TriageKind if kind not in (TriageKind.NONE, TriageKind.ADVICE)]
    },
    "conversation/say.py": {"@expected/": ["within_hours", "next_working_day"]},
    "channels/webchat/words.py": {"webchat/": list(REQUIRED)},
    "engagement/consent/hearing.py": {"consent/again/": [step.value for step in Step if step is not Step.OVER]},
    "engagement/consent/telling.py": {"consent/recap/": [step.value for step in Step if step is not Step.OVER]},
    "engagement/appointments/told.py": {
        "@weekday/": [f"d{number}" for number in range(1, 8)],
        "@month/": [f"m{number}" for number in range(1, 13)],
    },
    "engagement/interviews/finishing.py": {"prescreen/": [verdict.value for verdict in Verdict]},
    "engagement/interviews/lines.py": {"unit/": sorted(UNITS.values())},
    "engagement/interviews/hearing.py": {
        "ask/again/": KINDS,
        "ask/example/": KINDS,
        "ask/problem/": sorted(code.replace("-", "_") for code in {*get_args(Problem.__value__), *ENGINE_PROBLEMS}),
        "ask/doubt/": [doubt.replace("-", "_") for doubt in get_args(Doubt.__value__)],
        "month/": [f"m{number}" for number in range(1, 13)],
    },
    "engagement/interviews/taking.py": {"prescreen/done/": [verdict.value for verdict in Verdict]},
    "engagement/permissions/hearing.py": {
        "permissions/only/": sorted(CHANNELS),
        "permissions/times/": [f"n{number}" for number in range(1, MOST_TOLD + 1)],
        "permissions/wish/": WISHES,
        "replies/": WISHES,
    },
    "engagement/permissions/listing.py": {
        "permissions/yes/": [name for name in PERMITTED if name != "recontact"],
        "permissions/no/": [name for name in PERMITTED if not name.startswith("recontact/")],
    },
    "engagement/permissions/withdrawing.py": {
        "permissions/wish/": WISHES,
        "withdraw/": [wish for wish in WISHES if wish != "stop_contact"],
    },
    "service/signing/permissions.py": {
        "permissions/page/": ["title", "intro", "save", "saved", "leave"],
        "permissions/what/": [name for name in PERMITTED if not name.startswith("recontact/")],
    },
    "service/email.py": {"unsubscribe/": ["title", "question", "button", "done"]},
}
"""Keys that Python makes of a beginning and an ending: file → beginning → the endings there are."""


def said_by_bot() -> Iterator[str]:
    for variations in DOMAIN["responses"].values():
        yield from (variation["custom"]["say"] for variation in variations)


def said_in_python() -> Iterator[tuple[str, str]]:
    for path, tree in trees(*PRODUCT):
        if path.startswith(("service/demo/script", "service/bench", "service/demo/pages")):
            continue
        for line, text in literals(tree):
            if path == "channels/email/mime.py" or not re.fullmatch(r"@?[a-z_]+(/[a-z_0-9]+)+", text):
                continue  # a MIME type looks like a key
            if text.lstrip("@").partition("/")[0] in THEMES:
                yield f"{path}:{line}", text.lstrip("@")
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in ("saying", "say", "Say"):
                given = [*node.args[:2], *(keyword.value for keyword in node.keywords if keyword.arg == "key")]
                for part in given:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield f"{path}:{node.lineno}", part.value


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


SAID = sorted(
    {
        *said_in_python(),
        *(("bot/domain.yml", key) for key in said_by_bot()),
        *(
            (path, beginning.lstrip("@") + ending)
            for path, made in MADE.items()
            for beginning, endings in made.items()
            for ending in endings
        ),
    }
)


def test_the_guard_sees_something() -> None:
    assert {key for _, key in SAID} >= {"help", "optout/confirmed", "faq/cost", "safety/crisis", "person/coming"}
    assert len({key for _, key in SAID}) > 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_said_has_words(language: str) -> None:
    assert [f"{where}: {key}" for where, key in SAID if key not in KNOWN[language]] == []


def test_both_languages_say_the_same_things() -> None:
    assert LANGUAGES == ["en", "es"]
    assert KNOWN["en"] ^ KNOWN["es"] == set()


def test_every_made_key_is_in_the_table() -> None:
    """An f-string that begins like a key: its endings must be in `MADE`, or nobody checks them."""
    found = set()
    for path, tree in trees(*PRODUCT):
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginning = str(node.values[0].value)
                if re.fullmatch(r"@?[a-z_]+/[a-z_/]*", beginning) and beginning.lstrip("@").partition("/")[0] in THEMES:
                    found.add((path, beginning))
    found -= {("service/demo/script.py", "expected/"), ("conversation/language/evidence.py", "language/words/")}
    assert found == {(path, beginning) for path, made in MADE.items() for beginning in made}


def test_every_topic_has_an_answer_of_its_own_name() -> None:
    topics = {key for key in KNOWN["en"] if key.startswith("faq/")}
    assert set(said_by_bot()) >= topics
    examples = chain.from_iterable(
        re.findall(r"intent: (faq/\w+)", file.read_text(encoding="utf-8"))
        for file in (ROOT / "data" / "nlu" / "en").glob("*.yml")
    )
    assert set(examples) == topics


@pytest.mark.parametrize("language", LANGUAGES)
def test_quick_replies_have_words(language: str) -> None:
    used = {reply for word in WORDS if word.language == language for reply in word.replies}
    assert used
    assert used - KNOWN[language] == set()

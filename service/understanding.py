"""What the service would make of a message, without a participant: the stages' pure judges and the trained bot.

The order is the service's own (conversation/stages): opt-out, safety, language, understanding. A stage that ends the
turn leaves nothing for the next to answer, so `in_scope` says what a participant would see: whether their message gets
an answer of its own from the dialogue.
"""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from conversation.language import decide_language
from conversation.opt_out import Keyword, OptOutVerdict, judge_opt_out, keyword
from conversation.triage import Triage, TriageKind, join_judgements, judge_words
from service.bot import bot_python
from service.settings import ROOT

ADVICE_INTENT = "medical_advice"
NOT_ANSWERED = frozenset({"nlu_fallback", "out_of_scope", "small_talk", "insult", ADVICE_INTENT})
"""Intents whose reply says what the assistant is for, or whom to ask, and answers nothing."""


class BotSilent(Exception):
    """The bot's process ended before it had answered every message."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One message as the service would take it; `perennial nlu parse` prints the fields as JSON."""

    text: str
    language: str
    intent: str | None
    confidence: float
    in_scope: bool
    """Whether it would be answered: by approved answers, by the dialogue (a greeting, a yes), or by a person asked for."""
    topics: tuple[str, ...]
    """The FAQ topics that would be answered, best first, without `faq/`."""
    triage: str
    triggers: tuple[str, ...]
    """The rules of the triage that were met, with the words that met them; `vectors/<kind>`: the bot's judge says so."""
    opt_out: str


def read_messages(texts: Iterable[str], *, model: Path, language: str, served: tuple[str, ...]) -> Iterator[Reading]:
    """Reads each text as if it were somebody's first message in `language`; one process of the bot for all of them."""
    kept = list(texts)
    for text, parse in zip(kept, _parse(kept, model), strict=True):
        yield read_message(text, parse, language=language, served=served)


def read_message(text: str, parse: Mapping[str, Any], *, language: str, served: tuple[str, ...]) -> Reading:
    """Joins the judges' verdicts on `text` with the bot's `parse` of it (bot/parse.py)."""
    opt_out, word = judge_opt_out(text), keyword(text)
    # A set word is obeyed before the triage looks: HELP gets the help text, not an escalation.
    safety = (parse.get("safety") or {}).get("sums")
    verdict = Triage() if word else join_judgements(judge_words(text, languages=served), safety)
    intent, confidence = parse["intent"]["name"], float(parse["intent"]["confidence"])
    ended = opt_out is not OptOutVerdict.NO or verdict.kind not in (TriageKind.NONE, TriageKind.ADVICE)
    acted_on = intent is not None and intent not in NOT_ANSWERED
    topics = () if ended or word else tuple(name.removeprefix("faq/") for name in parse["topics"])
    return Reading(
        text=text,
        language=decide_language(text, current=language, served=served).language,
        intent=intent,
        confidence=round(confidence, 4),
        in_scope=not ended and (word is Keyword.HELP or word is Keyword.START or acted_on or bool(topics)),
        topics=topics,
        triage=_kind(verdict, intent).value,
        triggers=tuple(
            f"{trigger.rule}: {trigger.matched}" if trigger.matched else trigger.rule for trigger in verdict.triggers
        ),
        opt_out=opt_out.value,
    )


def as_json(reading: Reading) -> str:
    """One line."""
    return json.dumps(asdict(reading), ensure_ascii=False)


def _kind(verdict: Triage, intent: str | None) -> TriageKind:
    """Patterns find trouble; that advice is wanted is for the understanding to say."""
    if verdict.kind is TriageKind.NONE and intent == ADVICE_INTENT:
        return TriageKind.ADVICE
    return verdict.kind


def _parse(texts: list[str], model: Path) -> Iterator[Mapping[str, Any]]:
    command = [str(bot_python()), str(ROOT / "bot" / "parse.py"), str(model)]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)  # noqa: S603
    answers = done.stdout.splitlines()
    if done.returncode != 0 or len(answers) != len(texts):
        raise BotSilent(BotSilent.__doc__)
    return map(json.loads, answers)

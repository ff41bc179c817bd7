"""What a message asks for, decided from rankings: one thing, two things, or "I did not understand".

Two questions in one message are both answered, never more than two: a reply of three topics is not read on a phone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

Ranking = Sequence[Mapping[str, Any]]

# Said beside a question, they ask for nothing: "hi, how much is it", "thanks, and who sees it".
PLEASANTRIES = frozenset({"greet", "goodbye", "thank", "affirm", "deny", "small_talk", "insult"})

# Nothing is answered by them, so a question beside them is what counts.
OUT_OF_SCOPE = "out_of_scope"


# Whoever gets one of these is told what the assistant is for, or whom to ask, and nothing else.
NOT_ANSWERED = frozenset({OUT_OF_SCOPE, "small_talk", "insult", "medical_advice"})


@dataclass(frozen=True)
class Decision:
    """`first`: the entry of a ranking that the dialogue acts on, None where nothing is sure enough; `also`: names of the
    FAQ topics to answer after it (none or one)."""

    first: Optional[Mapping[str, Any]]
    also: Sequence[str] = ()


@dataclass(frozen=True)
class Bounds:
    """`threshold`: least confidence of the best entry; `margin`: its least lead over the next; `part`: least confidence
    of a part's best entry where it is to count beside another."""

    threshold: float
    margin: float
    part: float


def is_sure(ranking: Ranking, threshold: float, margin: float) -> bool:
    """Whether the best entry may be acted on. Two FAQ topics that tie are a tie, which the dialogue could not know."""
    confidences = [entry["confidence"] for entry in ranking[:2]] + [0.0, 0.0]
    return confidences[0] >= threshold and confidences[0] - confidences[1] >= margin


def decide(whole: Ranking, parts: Sequence[Ranking], bounds: Bounds) -> Decision:
    """The decision for a message from its own ranking and those of its parts, in order (none: one question)."""
    sure = is_sure(whole, bounds.threshold, bounds.margin)
    asked: Dict[str, Mapping[str, Any]] = {}
    for ranking in parts:
        if is_sure(ranking, bounds.part, bounds.margin) and ranking[0]["name"] not in PLEASANTRIES | {OUT_OF_SCOPE}:
            asked.setdefault(ranking[0]["name"], ranking[0])
    # What is no FAQ topic (a person wanted, advice wanted, something broken) decides the dialogue.
    matters: List[Mapping[str, Any]] = [entry for entry in asked.values() if "/" not in entry["name"]]
    topics = [entry for entry in asked.values() if "/" in entry["name"]]
    if len(asked) >= 2:
        first = (matters or topics)[0]
        also = [entry["name"] for entry in topics if entry is not first][:1]
        return Decision(first, also)
    if sure:
        return Decision(whole[0])
    # One question among words that blur it: "sorry to bother you again on a sunday, but what does it cost".
    return Decision(topics[0]) if len(topics) == 1 and not matters else Decision(None)

"""The learned judge of opt-outs: a sum of weights over what a sentence is built of, joined with what the patterns found.

A set word never comes here: STOP works without it. Without its file the patterns judge alone.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from conversation.opt_out.features import features_of, load_lexicon
from conversation.text_model import Model, load_or_none

FILE = Path(__file__).parent / "learned.json.gz"
HEADS = ("opt_out",)
"""The one thing that is asked of a sentence: does it want no more messages?"""


@cache
def load_model(file: Path = FILE) -> Model | None:
    """The model, or None where its file can't be used: then the patterns judge alone."""
    return load_or_none(file, HEADS)


def judge_sentences(model: Model, sentences: Iterable[str]) -> float:
    """The highest sum of a message's folded sentences: above 0 speaks for an opt-out, about 1 is plain."""
    lexicon = load_lexicon()
    return max((model.sums(features_of(each, lexicon))[0] for each in sentences), default=-1.0)

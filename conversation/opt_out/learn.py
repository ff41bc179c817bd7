"""Teaches the learned judge of opt-outs: `python -m conversation.opt_out.learn`, after a change of examples or lexicon.

The file it writes is part of the repository; a test holds its fingerprint against the sources. `--check` prints what
cross-validation says instead, with what was made of one template, or differs in a word, kept in one fold.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from conversation.language.text import fold, split_sentences
from conversation.opt_out import examples, features
from conversation.opt_out.examples import Example, read_background, read_examples
from conversation.opt_out.features import features_of, load_lexicon
from conversation.opt_out.learned import FILE, HEADS, judge_sentences
from conversation.text_model import Model, teaching, write_model

COST = 4.0
FINEST = 1000
"""Weights are kept as whole numbers: this many steps to 1."""

FOLDS = 5


def fingerprint() -> str:
    """Of examples, lexicon and code. The background is left out: it changes daily, and any state of it serves."""
    here = Path(features.__file__).parent
    return teaching.fingerprint(
        (
            *sorted(examples.FOLDER.glob("*.yml")),
            *sorted(features.FOLDER.glob("*.yml")),
            *(here / name for name in ("examples.py", "features.py", "learn.py")),
        )
    )


def _seen(taught: Sequence[Example]) -> list[tuple[Example, frozenset[str]]]:
    """Each sentence of what is no opt-out is none; an opt-out of several sentences is taught as one line."""
    lexicon = load_lexicon()
    found = []
    for each in taught:
        sentences = split_sentences(each.text)
        if each.wanted:
            joined: frozenset[str] = frozenset().union(*(features_of(sentence, lexicon) for sentence in sentences))
            found.append((each, joined))
        else:
            found += [(each, features_of(sentence, lexicon)) for sentence in sentences]
    return [(each, seen) for each, seen in found if seen]


def teach(taught: Sequence[Example]) -> Model:
    """The model for these examples, without the features that weigh nothing: they would only make a sentence longer."""
    rows = _seen(taught)
    head = (HEADS[0], [each.wanted for each, _ in rows], [COST * each.weight for each, _ in rows])
    model = teaching.teach_heads([seen for _, seen in rows], [head], finest=FINEST, taught_from=fingerprint())
    return replace(model, weights={feature: row for feature, row in model.weights.items() if any(row)})


def cross_validate() -> list[tuple[Example, float]]:
    """Written examples, each with the sum of a model that saw neither it nor what shares its first three words."""
    written = [each for each in read_examples() if each.weight == 1.0]
    made = [each for each in read_examples() if each.weight != 1.0]
    groups = {key: at % FOLDS for at, key in enumerate(sorted({_key(each) for each in written}))}
    found = []
    for number in range(FOLDS):
        model = teach([*(each for each in written if groups[_key(each)] != number), *made, *read_background()])
        found += [
            (each, judge_sentences(model, split_sentences(each.text)))
            for each in written
            if groups[_key(each)] == number
        ]
    return found


def _key(example: Example) -> str:
    return " ".join(fold(example.text).split()[:3])


def main() -> None:
    """Teaches and writes the file, or with `--check` prints how it does on what it was not taught."""
    if "--check" in sys.argv[1:]:
        judged = cross_validate()
        for limit in (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6):
            found = sum(each.wanted and total >= limit for each, total in judged)
            false = sum(not each.wanted and total >= limit for each, total in judged)
            wanted = sum(each.wanted for each, _ in judged)
            sys.stdout.write(f"{limit:+.1f}  {found / wanted:.1%} found  {false / (len(judged) - wanted):.1%} false\n")
        return
    model = teach([*read_examples(), *read_background()])
    write_model(model, FILE)
    sys.stdout.write(f"{len(model.weights)} features, {FILE.stat().st_size >> 10} KB\n")


if __name__ == "__main__":
    main()

"""Yes and no in all their forms: said first, said later, taken back, or neither."""

from engagement.answers.expectation import Expectation, Option
from engagement.answers.reading import Ambiguous, Note, NotUnderstood, Reading, Understood
from engagement.answers.setting import Setting
from engagement.answers.steering import without_fillers
from engagement.answers.text import Text, fold, to_words
from engagement.answers.vocabulary import Vocabulary

_IN_DOUBT = Ambiguous(candidates=(True, False), doubt="yes-or-no")


def read_boolean(text: Text, setting: Setting) -> Reading:
    """A yes or a no. With two `options` ("true", "false" by code), their numbers and labels count as well."""
    numbered = _by_option(text, setting.expectation)
    if numbered is not None:
        return Understood(values=(numbered,))
    found = judge(text.words, setting.words, whole=setting.borrowed)
    if found is None:
        last = to_words(text.plain.rpartition(",")[2])
        found = judge(last, setting.words, whole=True) if "," in text.plain else None
    if found is None:
        return NotUnderstood()
    if isinstance(found, Ambiguous):
        return found
    hedged = setting.words["hedged"].inside(text.words)
    return Understood(values=(found,), notes=(Note(code="approximate"),) if hedged else ())


def judge(said: str, words: Vocabulary, *, whole: bool = False) -> bool | Ambiguous | None:
    """Whether folded words say yes or no; None where they say neither. `whole`: only where they say nothing else."""
    for all_said in {said: None, without_fillers(said, words): None}:
        if words["between"].whole(all_said):
            return _IN_DOUBT
        if words["yes_whole"].whole(all_said) or words["yes"].whole(all_said):
            return True
        if words["no_whole"].whole(all_said) or words["no"].whole(all_said):
            return False
    if whole:
        return None
    for start in {without_fillers(said, words): None, said: None}:
        found = _beginning(start, words)
        if found is not None:
            return found
    return None


def _beginning(said: str, words: Vocabulary) -> bool | Ambiguous | None:
    answer: bool | None = None
    while said:
        if answer is None and words["between"].start(said):
            return _IN_DOUBT
        if words["dont_know"].start(said) or words["no_but_not_no"].start(said):
            break
        yes, no = words["yes"].start(said), words["no"].start(said)
        if not yes and not no:
            filler = (words["fillers"].start(said) or words["vocatives"].start(said)) if answer is None else 0
            if not filler:
                break
            said = said[filler:].lstrip()
            continue
        this = yes > no
        if answer is not None and answer is not this:
            return _IN_DOUBT
        answer = this
        said = said[max(yes, no) :].lstrip()
    if answer is not None and words["turns"].inside(said):
        return _IN_DOUBT
    if answer is False and words["turns_no"].inside(said):
        return _IN_DOUBT
    return answer


def _by_option(text: Text, expectation: Expectation) -> bool | None:
    for number, option in enumerate(expectation.options, start=1):
        if text.words in (str(number), *_names(option)):
            return {"true": True, "false": False}.get(option.code.lower())
    return None


def _names(option: Option) -> tuple[str, ...]:
    return tuple(fold(name) for name in (option.display, *option.synonyms))

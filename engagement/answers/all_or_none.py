"""All of a list, both, all but some, or none of it; and a plain yes or no to a list."""

from collections.abc import Callable, Sequence

from engagement.answers.expectation import Option
from engagement.answers.labels import by_words, is_turned, names_of
from engagement.answers.places import pick
from engagement.answers.reading import Ambiguous, Reading, Understood
from engagement.answers.setting import Setting
from engagement.answers.text import fold
from engagement.answers.vocabulary import Vocabulary, languages, vocabulary
from engagement.answers.yes_no import judge

MAX_CANDIDATES = 5


def read_all_or_none(said: str, setting: Setting, pieces: Callable[[str], Sequence[str]]) -> Reading | None:
    """Several options at one stroke. `pieces`: how what follows "all but" is taken apart."""
    expectation, words = setting.expectation, setting.words
    options = expectation.options
    if any(_says_none(said, known) for known in _all_words()):
        return _nothing(setting)
    if not expectation.repeats:
        return None
    usual = tuple(option for option in options if not option.exclusive and not _is_none(option, words))
    if words["both_options"].whole(said) and len(usual) == 2:
        return Understood(values=usual)
    end = words["all_options"].start(said)
    if not end:
        return None
    rest = said[end:].strip()
    if not rest:
        return Understood(values=usual)
    but = words["except"].start(rest)
    left_out = [pick(piece, options, words) for piece in pieces(rest[but:])] if but else []
    if not left_out or any(one is None or len(one.options) > 1 for one in left_out):
        return None
    gone = {one.options[0] for one in left_out if one}
    return Understood(values=tuple(option for option in usual if option not in gone))


def _says_none(said: str, words: Vocabulary) -> bool:
    """ "None", "nobody", "no, nothing", "none that I know of"."""
    while said:
        end = words["no_options"].start(said)
        rest = said[end:].strip()
        if end and (not rest or words["none_after"].whole(rest)):
            return True
        end = words["no"].start(said)
        rest = said[end:].strip()
        if not end or len(rest) == len(said) or not words["no_options"].start(rest):
            return False
        said = rest
    return False


def _nothing(setting: Setting) -> Reading | None:
    """The option for none of them; where a list has no such option, none of its options."""
    options = setting.expectation.options
    none = [option for option in options if any(_is_none(option, words) for words in _all_words())]
    if none:
        return Understood(values=(none[0],))
    if setting.expectation.repeats:
        none = [option for option in options if any(_begins_none(option, words) for words in _all_words())]
    none = none or [option for option in options if option.exclusive and _denies(option)]
    if len(none) == 1:
        return Understood(values=(none[0],))
    return Understood(values=()) if setting.expectation.repeats else None


def _is_none(option: Option, words: Vocabulary) -> bool:
    return any(words["no_options"].whole(name) for name in names_of(option))


def _begins_none(option: Option, words: Vocabulary) -> bool:
    return words["no_options"].start(fold(option.display)) > 0


def _denies(option: Option) -> bool:
    names = ("denying", "no_options")
    said = fold(option.display).split()
    return any(words[name].whole(word) for words in _all_words() for name in names for word in said)


def _all_words() -> tuple[Vocabulary, ...]:
    """Nothing is said in any language: labels may be in another than the conversation's."""
    return tuple(vocabulary(language) for language in languages())


def read_yes_or_no(said: str, setting: Setting) -> Reading | None:
    """Yes and no where labels begin so; "no" is also none of a list, or the one label that denies ("Not at all").

    More words after the yes or the no must name one of these labels, or the label must be a bare "Yes" or "No".
    """
    options, words = setting.expectation.options, setting.words
    both = all(any(_begins(option, side, words) for option in options) for side in ("yes", "no"))
    whole = judge(said, words, whole=True)
    answer = whole if whole is not None or not both or setting.borrowed else judge(said, words)
    if answer is None or isinstance(answer, Ambiguous) or (len(said) == 1 and not both):
        return None
    if words["verdicts"].inside(said) and not any(_is_bare(option, words) for option in options):
        return None
    fitting = tuple(option for option in options if _begins(option, "yes" if answer else "no", words))
    named = by_words(said, fitting, words)
    if named is not None and len(named.options) == 1:
        return Understood(values=named.options)
    if whole is None and not _says_no_more(said, words):
        named = by_words(said, options, words)
        if named is not None and len(named.options) == 1:
            return Understood(values=named.options)
        return _with_more(said, fitting, setting, yes=answer)
    if not fitting:
        return None if answer else _nothing(setting)
    if len(fitting) == 1 and (both or not answer):
        return Understood(values=fitting)
    return Ambiguous(candidates=fitting[:MAX_CANDIDATES], doubt="close-options") if len(fitting) > 1 else None


def _says_no_more(said: str, words: Vocabulary) -> bool:
    """Is it yes or no said twice: "no I don't"?"""
    while said:
        end = max(words[name].start(said) for name in ("yes", "no", "fillers", "vocatives"))
        if not end:
            return False
        said = said[end:].strip()
    return True


def _with_more(said: str, fitting: tuple[Option, ...], setting: Setting, *, yes: bool) -> Reading | None:
    options, words = setting.expectation.options, setting.words
    rest = said[words["yes" if yes else "no"].start(said) :].strip()
    named = by_words(rest, fitting, words)
    if named is not None and len(named.options) == 1:
        return Understood(values=named.options)
    elsewhere = by_words(rest, options, words) if yes and not is_turned(rest, words) else None
    if elsewhere is not None and len(elsewhere.options) == 1:
        return Understood(values=elsewhere.options)
    bare = tuple(option for option in fitting if _is_bare(option, words))
    if len(bare) == 1 == len(fitting):
        return Understood(values=bare)
    return _asked(fitting) if fitting else None


def _asked(options: tuple[Option, ...]) -> Ambiguous:
    return Ambiguous(candidates=options[:MAX_CANDIDATES], doubt="close-options")


def _is_bare(option: Option, words: Vocabulary) -> bool:
    """A "Yes" or "No" and nothing else."""
    name = fold(option.display)
    return words["yes"].whole(name) or words["no"].whole(name)


def _begins(option: Option, side: str, words: Vocabulary) -> bool:
    name = fold(option.display)
    if side == "yes":
        return words["yes"].start(name) > 0
    return words["denying"].start(name) > 0 and not words["dont_know"].start(name) and not _is_none(option, words)

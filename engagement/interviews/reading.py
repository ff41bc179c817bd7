"""Questionnaires as a coordinator reads them: questions and answers in order, scores, the verdict, what is new since last time.

Pure: what was kept goes in opened, a value for a page comes out. Everything is told in the language asked for, as far as the
questionnaire has it; what a participant wrote themselves stays as they wrote it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from engagement.instruments import Instruments
from engagement.interviews.interview import Interview, answers_in, go_on
from engagement.interviews.shown import Change, Judged, Kept, Score, Section, Shown, Told
from engagement.questionnaires import Item, Place, Value
from engagement.questionnaires.values import Coding, Quantity, read_value


def show_responses(
    kept: Sequence[Kept], instruments: Mapping[str, Instruments], *, language: str = "en"
) -> tuple[Shown, ...]:
    """All of one participant's questionnaires as they are read, in the order given. `instruments`: by study."""
    opened = {one.id: _open(one, instruments) for one in kept}
    return tuple(_show(one, opened, instruments.get(one.study, Instruments()), kept, language) for one in kept)


def _open(kept: Kept, instruments: Mapping[str, Instruments]) -> Interview | None:
    found = instruments.get(kept.study, Instruments()).forms.get(kept.name)
    return None if found is None else go_on(found, kept.state, at=kept.updated_at)


def _show(
    one: Kept, opened: Mapping[UUID, Interview | None], study: Instruments, all_: Sequence[Kept], language: str
) -> Shown:
    interview = opened[one.id]
    recorded = _recorded(one)
    if interview is None:
        return Shown(
            kept=one,
            title=one.name,
            language="",
            edited=True,
            done=0,
            total=0,
            sections=(),
            gone=tuple(_gone(recorded, None, (), language)),
            scores=(),
            crossed=(),
            judged=_judged(one, study, language),
            since=None,
            changes=(),
        )
    form = interview.instrument.form
    language = language if _speaks(interview, language) else form.language or language
    before = _before(one, all_)
    past = opened[before.id] if before is not None else None
    asked = list(interview.state.questions()) if one.status != "in-progress" else _so_far(interview)
    done, total = interview.state.progress()
    check_in = study.check_in(one.name)
    thresholds = {} if check_in is None else {each.id: each.meaning for each in check_in.thresholds}
    return Shown(
        kept=one,
        title=form.title.in_(language) or one.name,
        language=language,
        edited=one.form_sha256 != interview.instrument.sha256,
        done=done,
        total=total,
        sections=tuple(_sections(interview, asked, language, under_way=one.status == "in-progress")),
        gone=tuple(_gone(recorded, interview, asked, language)),
        scores=tuple(_scores(check_in.scores if check_in else (), recorded, _recorded(before), interview, language)),
        crossed=tuple(thresholds.get(each, {}).get(language, each) for each in interview.crossed),
        judged=_judged(one, study, language),
        since=before.finished_at if before is not None else None,
        changes=() if past is None else tuple(_changes(interview, past, language, whole=one.status == "completed")),
    )


def _speaks(interview: Interview, language: str) -> bool:
    """Whether the questionnaire has its texts in this language."""
    form = interview.instrument.form
    first = next((item.text for item in form.items if item.text), None)
    spoken = {form.language or "en", *(code for code, _ in (first.translations if first else ()))}
    return language in {code.partition("-")[0] for code in spoken}


def _before(one: Kept, all_: Sequence[Kept]) -> Kept | None:
    """The same questionnaire as it was completed the time before."""
    earlier = [
        each
        for each in all_
        if (each.study, each.name, each.status) == (one.study, one.name, "completed")
        and each.id != one.id
        and each.finished_at is not None
        and each.finished_at <= one.started_at
    ]
    return max(earlier, key=lambda each: each.finished_at or each.started_at, default=None)


def _recorded(kept: Kept | None) -> Mapping[str, list[Any]]:
    """Every answer that was written down, by linkId, whatever the questionnaire says today."""
    found: dict[str, list[Any]] = {}
    if kept is not None:
        for link_id, answers in answers_in(json.loads(kept.state, parse_float=Decimal)["response"].get("item")):
            found.setdefault(link_id, []).extend(answers)
    return found


def _so_far(interview: Interview) -> list[tuple[Item, Place]]:
    """Of a questionnaire under way: what has been asked, and what is asked now."""
    state, asked = interview.state, interview.asked
    return [
        (item, place)
        for item, place in state.questions()
        if place in state.answers or state.is_done(place) or (asked is not None and place == asked.place)
    ]


def _sections(
    interview: Interview, asked: Sequence[tuple[Item, Place]], language: str, *, under_way: bool
) -> Iterator[Section]:
    heading, told = "", list[Told]()
    for item, place in asked:
        here = _heading(interview, item, place, language)
        if here != heading and told:
            yield Section(heading=heading, questions=tuple(told))
            told = []
        heading = here
        values = interview.state.answers.get(place, ())
        told.append(
            Told(
                question=_question(item, language),
                answers=tell(values, item, language),
                state=_state(interview, place, under_way=under_way),
                own_words=_own_words(values, item),
            )
        )
    if told:
        yield Section(heading=heading, questions=tuple(told))


def _state(interview: Interview, place: Place, *, under_way: bool) -> str:
    state = interview.state
    if under_way and interview.asked is not None and interview.asked.place == place:
        return "asked"
    if place in state.suggested:
        return "suggested"
    if place in state.answers:
        return "answered"
    return "skipped" if place in state.passed else "open"


def _heading(interview: Interview, item: Item, place: Place, language: str) -> str:
    """The groups that a question stands in; which one, where a group occurs again and again."""
    items, parts, above = interview.state.form.items, list[str](), item.parent
    while above is not None:
        group = items[above]
        if group.type == "group":
            number = f" ({place.at[len(group.over)] + 1})" if group.multiplies else ""
            parts.append(f"{group.text.in_(language)}{number}".strip())
        above = group.parent
    return " – ".join(part for part in reversed(parts) if part)


def _question(item: Item, language: str) -> str:
    return item.text.in_(language) or item.link_id


def tell(values: Sequence[Value], item: Item | None, language: str) -> tuple[str, ...]:
    """Answers as text: options by their words, amounts with their unit, dates as ISO 8601 writes them."""
    return tuple(_tell(value, item, language) for value in values)


def _tell(value: Value, item: Item | None, language: str) -> str:
    for option in item.options if item is not None else ():
        if option.value.is_same_choice(value):
            return option.words.in_(language) or _tell(value, None, language)
    match value.value:
        case bool():
            return "yes" if value.value else "no"
        case Quantity():
            return f"{value.value.value} {value.value.unit or value.value.code or ''}".strip()
        case Coding():
            return value.value.display or value.value.code or ""
    return str(value.value)


def _own_words(values: Sequence[Value], item: Item) -> bool:
    chosen = [any(option.value.is_same_choice(value) for option in item.options) for value in values]
    return any(value.type == "string" and not one_of_ours for value, one_of_ours in zip(values, chosen, strict=True))


def _gone(
    recorded: Mapping[str, list[Any]], interview: Interview | None, asked: Sequence[tuple[Item, Place]], language: str
) -> Iterator[Told]:
    seen = {item.link_id for item, place in asked if interview is not None and place in interview.state.answers}
    for link_id, answers in recorded.items():
        item = None if interview is None else interview.instrument.form.item(link_id)
        if link_id in seen or (item is not None and (not item.askable or item.hidden or item.read_only)):
            continue  # shown, or nobody's answer
        values = [value for answer in answers if (value := read_value(answer)) is not None]
        yield Told(
            question=link_id if item is None else _question(item, language),
            answers=tell(values, item, language),
            state="answered",
            own_words=True,
        )


def _scores(
    names: Sequence[str],
    recorded: Mapping[str, list[Any]],
    before: Mapping[str, list[Any]],
    interview: Interview,
    language: str,
) -> Iterator[Score]:
    """As they were worked out then, not as today's questionnaire would."""
    for name in names:
        item = interview.instrument.form.item(name)
        told = [
            "".join(tell([value for each in found.get(name, ()) if (value := read_value(each))], item, language))
            for found in (recorded, before)
        ]
        if item is not None and told[0]:
            yield Score(name=_question(item, language), value=told[0], before=told[1])


def _changes(now: Interview, past: Interview, language: str, *, whole: bool) -> Iterator[Change]:
    """`whole`: it is completed, so that what has no answer now counts as well."""
    items = now.state.form.items
    current = {place: values for place, values in now.state.answers.items() if place not in now.state.suggested}
    places = {place for place in (*current, *(past.state.answers if whole else ())) if items[place.item].askable}
    for place in sorted(places):
        item = items[place.item]
        before, after = past.state.answers.get(place, ()), current.get(place, ())
        if before != after and not item.hidden:
            yield Change(
                question=_question(item, language),
                before=tell(before, item, language),
                now=tell(after, item, language),
            )


def _judged(kept: Kept, study: Instruments, language: str) -> tuple[Judged, ...]:
    if not kept.trace:
        return ()
    criteria = {} if study.eligibility is None else {each.id: each for each in study.eligibility.criteria}
    found = []
    for line in json.loads(kept.trace)["criteria"]:
        today = criteria.get(line["criterion"])
        found.append(
            Judged(
                criterion=line["criterion"],
                version=line["version"],
                current=None if today is None else today.version,
                meaning="" if today is None else today.meaning.get(language, ""),
                expression=line["expression"],
                met=line["met"],
            )
        )
    return tuple(found)

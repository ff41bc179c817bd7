"""For any history of grants, narrowings, withdrawals, new versions and expiries: nothing is permitted but by an entry in force."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.permissions import PURPOSES, Entry, Standing, check_entry, standing_at

T0 = datetime(2026, 1, 1, tzinfo=UTC)
STUDIES = ("one", "two")
CHANNELS = ("sms", "webchat", "email")
ABOUT = ("recontact", "study_contact", "data_sharing", "return_incidental")
VERSIONS = ("1.0", "1.1", "2.0")


def history_of(seed: int) -> tuple[Entry, ...]:
    """A valid history about few purposes and instants, so that entries meet."""
    chance = random.Random(seed)
    about = chance.sample(ABOUT, chance.choice((1, 1, 2)))
    history = []
    for number in range(chance.randint(1, 10)):
        kind = chance.choice(("granted", "granted", "narrowed", "withdrawn", "lapsed"))
        purpose = PURPOSES[chance.choice(about)]
        limited = purpose.contact and kind in ("granted", "narrowed")
        scopes = frozenset(chance.sample(purpose.scopes, chance.randint(1, len(purpose.scopes))))
        channels = frozenset(chance.sample(CHANNELS, chance.randint(1, 2)))
        ends = T0 + timedelta(days=chance.randint(2, 8))
        entry = Entry(
            id=UUID(int=number + 1),
            seq=number,
            at=T0 + timedelta(days=chance.randint(0, 6)),
            kind=kind,
            purpose=purpose.name,
            study=chance.choice((None, "one", "one", "two")),
            scopes=chance.choice((None, scopes)),
            channels=channels if limited and chance.random() < 0.5 else None,
            per_year=chance.randint(1, 6) if limited and chance.random() < 0.3 else None,
            document_version=chance.choice(VERSIONS)
            if kind == "lapsed" or (kind == "granted" and chance.random() < 0.7)
            else None,
            expires_at=ends if kind in ("granted", "narrowed") and chance.random() < 0.3 else None,
        )
        check_entry(entry)
        history.append(entry)
    return tuple(history)


def entries() -> st.SearchStrategy[tuple[Entry, ...]]:
    return st.integers(0, 10**9).map(history_of)


def in_force(
    history: Iterable[Entry], at: datetime, purpose: str, *, scope: str, study: str, channel: str | None
) -> bool:
    """The rule again, told from the other end: a grant that covers this, and nothing after it that takes it away."""
    told = sorted((each for each in history if each.at <= at), key=lambda each: (each.at, each.seq))
    told = [each for each in told if each.purpose == purpose]
    order = PURPOSES[purpose].scopes

    def gives(entry: Entry) -> bool:
        if entry.scopes is None:
            return True
        if PURPOSES[purpose].nested:
            return any(order.index(each) >= order.index(scope) for each in entry.scopes)
        return scope in entry.scopes

    def takes(entry: Entry) -> bool:
        if entry.scopes is None:
            return True
        if PURPOSES[purpose].nested:
            return any(order.index(each) <= order.index(scope) for each in entry.scopes)
        return scope in entry.scopes

    # Somebody's word in this study, or in no study in particular, whichever came last; each is looked at by itself.
    for place in (study, None):
        grants = [n for n, each in enumerate(told) if each.kind == "granted" and each.study == place and gives(each)]
        if not grants:
            continue
        grant, holds = told[grants[-1]], True
        ends = [grant.expires_at] if grant.expires_at else []
        channels = set(CHANNELS) if grant.channels is None else set(grant.channels)
        for each in told[grants[-1] + 1 :]:
            if each.study is not None and each.study != place:
                continue
            if any(end <= each.at for end in ends):
                break
            if each.kind == "narrowed":
                holds = holds and gives(each)
                channels &= set(CHANNELS) if each.channels is None else set(each.channels)
                ends += [each.expires_at] if each.expires_at else []
            elif each.kind == "withdrawn":
                holds = holds and not takes(each)
            elif each.kind == "lapsed" and takes(each) and grant.document_version not in (None, each.document_version):
                holds = False
        if holds and not any(end <= at for end in ends) and (channel is None or channel in channels):
            return True
    return False


@given(history=entries(), second=st.sampled_from((-1, 0, 1)))
@settings(max_examples=200, deadline=None)
def test_nothing_is_permitted_but_by_an_entry_in_force_at_that_instant(history: tuple[Entry, ...], second: int) -> None:
    for day in range(-1, 10):
        at = T0 + timedelta(days=day, seconds=second)
        standing = standing_at(history, at)
        for purpose in sorted({entry.purpose for entry in history}):
            for scope in PURPOSES[purpose].scopes:
                for study, channel in product(STUDIES, (None, *CHANNELS)):
                    answer = standing.allows(purpose, scope=scope, study=study, channel=channel)
                    expected = in_force(history, at, purpose, scope=scope, study=study, channel=channel)
                    assert answer.allowed is expected, (at, purpose, scope, study, channel)
                    if answer.allowed:
                        by = next(each for each in history if each.id == answer.entry_id)
                        assert by.at <= at
                        assert by.kind in ("granted", "narrowed")
                        assert by.expires_at is None or by.expires_at > at


@given(history=entries(), day=st.integers(-1, 9), seed=st.integers(0, 1000))
@settings(max_examples=150, deadline=None)
def test_the_state_of_a_date_is_the_replay_up_to_it_in_whatever_order_it_is_read(
    history: tuple[Entry, ...], day: int, seed: int
) -> None:
    at = T0 + timedelta(days=day)
    shuffled = list(history)
    random.Random(seed).shuffle(shuffled)
    whole = standing_at(history, at)
    assert standing_at(shuffled, at) == whole
    assert standing_at([each for each in history if each.at <= at], at) == whole, "what comes later changes nothing"


@given(history=entries(), day=st.integers(0, 6))
@settings(max_examples=80, deadline=None)
def test_leaving_leaves_nothing(history: tuple[Entry, ...], day: int) -> None:
    at = T0 + timedelta(days=day)
    last = max((each.seq for each in history), default=0)
    gone = [
        Entry(id=UUID(int=900 + n), seq=last + 1 + n, at=at, kind="withdrawn", purpose=purpose)
        for n, purpose in enumerate(PURPOSES)
    ]
    before = [each for each in history if each.at <= at]
    assert standing_at([*before, *gone], at).held == {}


@given(history=entries())
@settings(max_examples=80, deadline=None)
def test_narrowing_never_adds(history: tuple[Entry, ...]) -> None:
    at = T0 + timedelta(days=7)
    before = standing_at(history, at)
    for kind in ("narrowed", "withdrawn"):
        entry = replace(
            Entry(id=UUID(int=999), seq=99, at=at, kind=kind, purpose="recontact", scopes=frozenset({"sponsor"})),
        )
        after = standing_at([*history, entry], at)
        assert permitted(after) <= permitted(before)


def permitted(standing: Standing) -> set[tuple[str, str, str, str]]:
    return {
        (purpose.name, scope, study, channel)
        for purpose in PURPOSES.values()
        for scope in purpose.scopes
        for study in STUDIES
        for channel in CHANNELS
        if standing.allows(purpose.name, scope=scope, study=study, channel=channel).allowed
    }

"""What is permitted at an instant, entry by entry."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engagement.permissions import Entry, Standing, Why, check_entry, standing_at

T0 = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
A, B = "parkinson-lrrk2-gba1", "batten-cln2"


def day(number: int) -> datetime:
    return T0 + timedelta(days=number)


def ledger(*lines: Mapping[str, Any]) -> list[Entry]:
    """Entries a day apart, from day 1 on."""
    return [
        Entry(**{"id": UUID(int=number), "seq": number, "at": day(number), "study": A, **line})
        for number, line in enumerate(lines, 1)
    ]


def later(*lines: Mapping[str, Any], on: int = 30) -> Standing:
    return standing_at(ledger(*lines), day(on))


def given(purpose: str = "recontact", **values: Any) -> dict[str, Any]:
    return {
        "kind": "granted",
        "purpose": purpose,
        **{k: frozenset(v) if isinstance(v, list) else v for k, v in values.items()},
    }


def line(kind: str, purpose: str = "recontact", **values: Any) -> dict[str, Any]:
    return given(purpose, **values) | {"kind": kind}


def test_nothing_is_permitted_that_was_never_given() -> None:
    assert later().allows("genetic_testing").reason is Why.NEVER_GIVEN
    assert later(given("genetic_testing")).allows("return_primary").reason is Why.NEVER_GIVEN


def test_what_was_given_holds_in_its_study_from_then_on() -> None:
    entries = ledger(given("genetic_testing"))
    assert not standing_at(entries, day(1) - timedelta(microseconds=1)).allows("genetic_testing").allowed
    answer = standing_at(entries, day(1)).allows("genetic_testing", study=A)
    assert (answer.allowed, answer.reason, answer.entry_id) == (True, Why.PERMITTED, UUID(int=1))
    assert not standing_at(entries, day(1)).allows("genetic_testing", study=B).allowed


def test_incidental_results_are_a_permission_of_their_own() -> None:
    assert not later(given("return_primary")).allows("return_incidental").allowed


def test_a_withdrawal_ends_it_and_a_later_grant_begins_it_again() -> None:
    assert later(given(), line("withdrawn")).allows("recontact").reason is Why.WITHDRAWN
    assert later(given(), line("withdrawn"), given()).allows("recontact").allowed


def test_a_refusal_is_remembered_as_one() -> None:
    answer = later(line("withdrawn", "return_incidental")).allows("return_incidental", study=A)
    assert (answer.reason, answer.entry_id) == (Why.WITHDRAWN, UUID(int=1))


def test_a_withdrawal_of_no_study_is_one_of_all() -> None:
    standing = later(given(study=A), given(study=B), line("withdrawn", study=None))
    assert not standing.allows("recontact").allowed
    assert not standing.allows("recontact", study=B, scope="programme").allowed


def test_scopes_are_given_and_taken_one_by_one() -> None:
    standing = later(
        given("data_sharing", scopes=["sponsor", "academic"]), line("withdrawn", "data_sharing", scopes=["academic"])
    )
    assert standing.allows("data_sharing", scope="sponsor").allowed
    assert standing.allows("data_sharing", scope="academic").reason is Why.WITHDRAWN
    assert standing.allows("data_sharing", scope="commercial").reason is Why.NEVER_GIVEN


@pytest.mark.parametrize(
    ("granted", "taken", "left"),
    [
        (["any"], None, {"programme", "sponsor", "any"}),
        (["sponsor"], None, {"programme", "sponsor"}),
        (["programme"], None, {"programme"}),
        (["any"], ["any"], {"programme", "sponsor"}),
        (["any"], ["sponsor"], {"programme"}),
        (["any"], ["programme"], set()),
    ],
)
def test_a_wider_reach_holds_the_narrower_ones(granted: list[str], taken: list[str] | None, left: set[str]) -> None:
    lines = [given(scopes=granted)] + ([] if taken is None else [line("withdrawn", scopes=taken)])
    standing = later(*lines)
    assert {
        reach for reach in ("programme", "sponsor", "any") if standing.allows("recontact", scope=reach).allowed
    } == left


def test_narrowing_takes_away_and_never_adds() -> None:
    standing = later(
        given(scopes=["sponsor"], channels=["sms", "email"], per_year=4),
        line("narrowed", scopes=["any"], channels=["email", "webchat"], per_year=12),
    )
    assert standing.allows("recontact", channel="email").per_year == 4
    assert standing.allows("recontact", channel="webchat").reason is Why.OTHER_CHANNEL
    assert not standing.allows("recontact", scope="any").allowed
    tighter = later(given(), line("narrowed", scopes=["programme"], per_year=2))
    assert tighter.allows("recontact", scope="programme").per_year == 2
    assert tighter.allows("recontact", scope="any").reason is Why.NARROWED
    none_left = later(
        given(channels=["sms"]), line("narrowed", channels=["email"]), line("narrowed", channels=["email"])
    )
    assert not none_left.allows("recontact", channel="email").allowed
    assert not none_left.allows("recontact", channel="sms").allowed


def test_it_ends_at_its_date_and_not_before() -> None:
    entries = ledger(given(expires_at=day(10)))
    assert standing_at(entries, day(10) - timedelta(microseconds=1)).allows("recontact").allowed
    assert standing_at(entries, day(10)).allows("recontact").reason is Why.EXPIRED


def test_a_new_version_ends_what_an_older_one_gave_until_it_is_agreed_anew() -> None:
    old, new = given("data_sharing", document_version="1.0"), given("data_sharing", document_version="1.1")
    lapsed = line("lapsed", "data_sharing", scopes=["commercial"], document_version="1.1")
    standing = later(old, lapsed)
    assert standing.allows("data_sharing", scope="commercial").reason is Why.LAPSED
    assert standing.allows("data_sharing", scope="sponsor").allowed
    assert later(old, lapsed, new).allows("data_sharing", scope="commercial").allowed
    assert later(new, lapsed).allows("data_sharing", scope="commercial").allowed, "agreed to the new one already"


def test_what_stands_in_no_document_does_not_lapse_with_one() -> None:
    assert later(given(), line("lapsed", document_version="2.0")).allows("recontact").allowed


def test_entries_of_one_instant_count_in_the_order_of_writing() -> None:
    first, second = ledger(given(), line("withdrawn"))
    together = [Entry(**{**{f: getattr(e, f) for f in e.__dataclass_fields__}, "at": day(1)}) for e in (second, first)]
    assert not standing_at(together, day(1)).allows("recontact").allowed


SPONSORS = {A: "Larkspur", B: "Snowdrop", "other": "Larkspur"}


@pytest.mark.parametrize(
    ("scopes", "to", "allowed"),
    [
        (["any"], B, True),
        (["sponsor"], B, False),
        (["sponsor"], "other", True),
        (["programme"], "other", False),
        (["programme"], A, True),
    ],
)
def test_an_invitation_goes_as_far_as_the_permission_reaches(scopes: list[str], to: str, allowed: bool) -> None:
    assert later(given(scopes=scopes)).allows_invitation(to, sponsors=SPONSORS).allowed is allowed


def test_an_invitation_keeps_to_the_channels_permitted() -> None:
    standing = later(given(channels=["email"]))
    assert standing.allows_invitation(B, sponsors=SPONSORS, channel="email").allowed
    assert standing.allows_invitation(B, sponsors=SPONSORS, channel="sms").reason is Why.OTHER_CHANNEL


@pytest.mark.parametrize(
    "bad",
    [
        {"purpose": "marketing"},
        {"kind": "forgotten"},
        {"scopes": frozenset({"commercial"})},
        {"scopes": frozenset[str]()},
        {"channels": frozenset({"fax"})},
        {"channels": frozenset[str]()},
        {"per_year": 0},
        {"kind": "withdrawn", "channels": frozenset({"sms"})},
        {"purpose": "genetic_testing", "per_year": 3},
        {"kind": "lapsed"},
    ],
)
def test_what_cannot_be_meant_is_refused(bad: Mapping[str, Any]) -> None:
    [entry] = ledger({**given(), **bad})
    with pytest.raises(ValueError, match=r"."):
        check_entry(entry)


def test_nobody_asks_for_a_purpose_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="marketing"):
        later().allows("marketing")

"""The events API over real HTTP and PostgreSQL: who may, what is taken once, what is refused and how that is said."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from openapi_spec_validator import validate

from channels.events.routes import MAX_BODY
from engagement.api_keys import revoke_key
from engagement.cohorts import read_person
from tests.integration.events.lab import AT, OTHER, STUDY, Lab, event


async def test_an_event_moves_its_participant_once(lab: Lab) -> None:
    who, code = await lab.known()
    _, key = await lab.key()
    sent = event(code)
    assert (await lab.post(sent, key=key))[:2] == (200, {"id": sent["id"], "outcome": "recorded"})
    assert await lab.stage(who) == "kit_delivered"
    assert (await lab.post(sent, key=key))[:2] == (200, {"id": sent["id"], "outcome": "repeated"})
    rows = await lab.script.place.rows("select key from journey_events where participant_id = %s", who)
    assert [row["key"] for row in rows] == [sent["id"]]


async def test_the_order_in_which_they_come_does_not_matter(lab: Lab) -> None:
    _, key = await lab.key()
    for order in permutations(range(3)):
        who, code = await lab.known()
        told = [
            event(code, kind, hours=n) for n, kind in enumerate(("kit_ordered", "kit_delivered", "sample_returned"))
        ]
        for number in (*order, *order):
            assert (await lab.post(told[number], key=key))[0] == 200
        assert await lab.stage(who) == "sample_returned"


async def test_a_code_in_any_case_is_the_same(lab: Lab) -> None:
    who, code = await lab.known()
    _, key = await lab.key()
    assert (await lab.post(event(f" {code.lower()} "), key=key))[0] == 200
    assert await lab.stage(who) == "kit_delivered"


async def test_without_a_key_in_force_nothing_opens(lab: Lab) -> None:
    _, code = await lab.known()
    row, key = await lab.key()
    for presented in ("", "prn_" + "x" * 43, key + "x"):
        status, problem, headers = await lab.post(event(code), key=presented)
        assert (status, problem["type"], headers["WWW-Authenticate"]) == (
            401, "/api/v1/problems/unauthorized", 'Bearer realm="perennial"',
        )  # fmt: skip
        assert headers["Content-Type"].startswith("application/problem+json")
    assert (await lab.post(event(code), key=key))[0] == 200
    async with lab.script.service.built.database.begin() as connection:
        assert await revoke_key(connection, row, actor="test", at=datetime.now(UTC))
        assert not await revoke_key(connection, row, actor="test", at=datetime.now(UTC))
    assert (await lab.post(event(code), key=key))[0] == 401
    kept = await lab.script.place.rows("select key_hash from api_keys where id = %s", row)
    assert key not in str(kept)


async def test_a_key_has_bounds(lab: Lab) -> None:
    who, code = await lab.known()
    _, key = await lab.key(kinds=("sample_returned",))
    status, problem, _ = await lab.post(event(code), key=key)
    assert (status, problem["errors"][0]["pointer"]) == (403, "/kind")
    status, problem, _ = await lab.post({"events": [event(code, "sample_returned"), event(code)]}, key=key)
    assert (status, problem["errors"][0]["pointer"]) == (403, "/events/1/kind")
    status, problem, _ = await lab.post(event(code, "sample_returned", study=OTHER), key=key)
    assert (status, problem["errors"][0]["pointer"]) == (403, "/study")
    assert await lab.stage(who) == "first_contact", "nothing of a request out of bounds is recorded"


async def test_a_code_is_of_its_study(lab: Lab) -> None:
    _, code = await lab.known()
    _, key = await lab.key(studies=(STUDY, OTHER))
    status, problem, _ = await lab.post(event(code, study=OTHER), key=key)
    assert (status, problem["type"]) == (404, "/api/v1/problems/unknown-participant")


async def test_an_unknown_code_may_be_sent_again_once_it_is_known(lab: Lab) -> None:
    _, key = await lab.key()
    who, code = await lab.known()
    sent = event("NOBODY-1")
    assert (await lab.post(sent, key=key, Idempotency_Key="once"))[0] == 404
    status, problem, _ = await lab.post({**sent, "participant": code}, key=key, Idempotency_Key="once")
    assert (status, problem) == (200, {"id": sent["id"], "outcome": "recorded"})
    assert await lab.stage(who) == "kit_delivered"


async def test_an_id_stands_for_one_event(lab: Lab) -> None:
    who, code = await lab.known()
    _, other = await lab.known()
    _, key = await lab.key()
    sent = event(code)
    assert (await lab.post(sent, key=key))[0] == 200
    booking = {"id": "V1", "starts_at": (AT + timedelta(days=30)).isoformat()}
    for change in (
        {"kind": "sample_returned"},
        {"participant": other},
        {"at": (AT - timedelta(hours=1)).isoformat()},
        {"kind": "appointment_booked", "appointment": booking},
    ):
        status, problem, _ = await lab.post({**sent, **change}, key=key)
        assert (status, problem["type"]) == (409, "/api/v1/problems/id-reused"), change
    assert await lab.stage(who) == "kit_delivered"
    _, elsewhere = await lab.key()
    assert (await lab.post({**sent, "kind": "sample_returned"}, key=elsewhere))[0] == 200, "ids are each source's own"


async def test_a_source_may_hold_two_keys(lab: Lab) -> None:
    _, code = await lab.known()
    (_, first), (_, second) = await lab.key("courier-two"), await lab.key("courier-two")
    sent = event(code)
    assert (await lab.post(sent, key=first))[1]["outcome"] == "recorded"
    assert (await lab.post(sent, key=second))[1]["outcome"] == "repeated"


async def test_a_request_is_known_by_its_key(lab: Lab) -> None:
    who, code = await lab.known()
    _, key = await lab.key()
    sent = event(code)
    del sent["id"]
    assert (await lab.post(sent, key=key))[1]["type"] == "/api/v1/problems/key-missing"
    name = uuid4().hex
    for header in (f'"{name}"', name, f'"{name}"'):
        assert (await lab.post(sent, key=key, Idempotency_Key=header))[:2] == (
            200, {"id": name, "outcome": "recorded"},
        )  # fmt: skip
    status, problem, _ = await lab.post({**sent, "kind": "kit_ordered"}, key=key, Idempotency_Key=name)
    assert (status, problem["type"]) == (422, "/api/v1/problems/key-reused")
    assert (await lab.post(sent, key=key, Idempotency_Key='"not closed'))[0] == 400
    assert len(await lab.script.place.rows("select 1 from journey_events where participant_id = %s", who)) == 1


async def test_the_same_request_many_times_at_once(lab: Lab) -> None:
    who, code = await lab.known()
    _, key = await lab.key()
    sent, name = event(code), uuid4().hex
    answers = await asyncio.gather(*(lab.post(sent, key=key, Idempotency_Key=name) for _ in range(12)))
    assert {status for status, _, _ in answers} <= {200, 409}
    assert {answer["outcome"] for status, answer, _ in answers if status == 200} == {"recorded"}
    assert all(headers["Retry-After"] for status, _, headers in answers if status == 409)
    without = await asyncio.gather(*(lab.post(sent, key=key) for _ in range(12)))
    assert {(status, answer["outcome"]) for status, answer, _ in without} == {(200, "repeated")}
    assert len(await lab.script.place.rows("select 1 from journey_events where participant_id = %s", who)) == 1


async def test_a_batch_is_judged_event_by_event(lab: Lab) -> None:
    who, code = await lab.known()
    _, key = await lab.key()
    batch = [event(code, "kit_ordered"), event("NOBODY-2"), event(code, "kit_delivered", hours=1)]
    status, answer, _ = await lab.post({"events": batch}, key=key, Idempotency_Key="batch")
    assert (status, [line["outcome"] for line in answer["events"]]) == (207, ["recorded", "refused", "recorded"])
    assert answer["events"][1]["problem"]["status"] == 404
    assert [line["id"] for line in answer["events"]] == [sent["id"] for sent in batch]
    assert await lab.stage(who) == "kit_delivered"
    batch.pop(1)
    status, answer, _ = await lab.post({"events": batch}, key=key, Idempotency_Key="batch")
    assert (status, [line["outcome"] for line in answer["events"]]) == (200, ["repeated", "repeated"])


async def test_five_hundred_at_once_and_no_more(lab: Lab) -> None:
    _, code = await lab.known()
    _, key = await lab.key()
    batch = [event(code, "contact_made", hours=-n) for n in range(500)]
    status, answer, _ = await lab.post({"events": batch}, key=key)
    assert (status, len(answer["events"])) == (200, 500)
    status, problem, _ = await lab.post({"events": [*batch, event(code)]}, key=key)
    assert (status, problem["errors"][0]["pointer"]) == (422, "/events")


async def test_two_batches_over_the_same_people_do_not_block_each_other(lab: Lab) -> None:
    people = [await lab.known() for _ in range(6)]
    (_, one), (_, two) = await lab.key(), await lab.key()
    forth = [event(code, "contact_made", hours=-n) for n, (_, code) in enumerate(people)]
    back = [event(code, "contact_made", hours=-n) for n, (_, code) in enumerate(reversed(people))]
    for _ in range(4):
        answers = await asyncio.gather(lab.post({"events": forth}, key=one), lab.post({"events": back}, key=two))
        assert [status for status, _, _ in answers] == [200, 200]


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b'{"id": "\xff"}', 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"events": []}', 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b" " * (MAX_BODY + 1), 413, "too-large"),
    ],
)
async def test_bodies_that_are_none(lab: Lab, body: bytes, status: int, name: str) -> None:
    _, key = await lab.key()
    answered, problem, _ = await lab.post(body, key=key)
    assert (answered, problem["type"], problem["status"]) == (status, f"/api/v1/problems/{name}", status)


SECRET = "Ann Smith"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"participant": SECRET}, "/participant"),
        ({"participant": "ann@home.example"}, "/participant"),
        ({"kind": SECRET}, "/kind"),
        ({"at": SECRET}, "/at"),
        ({"at": "2026-11-24"}, "/at"),
        ({"at": "2026-11-24T10:00:00"}, "/at"),
        ({"at": 1_700_000_000}, "/at"),
        ({"at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}, "/at"),
        ({"at": "0001-01-01T00:00:00Z"}, "/at"),
        ({"id": "has space"}, "/id"),
        ({"id": "x" * 201}, "/id"),
        ({SECRET: 1}, "/*"),
        ({"appointment": {"id": "V1", SECRET: 1}}, "/appointment/*"),
        ({"appointment": {"id": "V1"}}, ""),
        ({"kind": "appointment_booked"}, ""),
        ({"kind": "appointment_moved", "appointment": {"id": "V1"}}, ""),
        ({"kind": "appointment_booked", "appointment": {"id": "V1", "starts_at": SECRET}}, "/appointment/starts_at"),
        (
            {"kind": "appointment_cancelled", "appointment": {"id": "V1", "time_zone": SECRET}},
            "/appointment/time_zone",
        ),
        ({"kind": "appointment_cancelled", "appointment": {"id": "V1", "place": "a\nb"}}, "/appointment/place"),
    ],
)
async def test_what_is_not_as_agreed_is_named_and_not_repeated(
    lab: Lab, change: dict[str, object], pointer: str
) -> None:
    _, key = await lab.key()
    status, problem, _ = await lab.post({**event("ANY-1"), **change}, key=key)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer), problem
    assert SECRET not in json.dumps(problem)
    assert "ann@home" not in json.dumps(problem)
    status, problem, _ = await lab.post({"events": [event("ANY-1"), {**event("ANY-1"), **change}]}, key=key)
    assert (status, problem["errors"][0]["pointer"]) == (422, f"/events/1{pointer}"), problem


async def test_ids_of_a_batch_are_there_and_differ(lab: Lab) -> None:
    _, key = await lab.key()
    sent, unnamed = event("ANY-1"), event("ANY-1")
    del unnamed["id"]
    status, problem, _ = await lab.post({"events": [sent, sent, unnamed]}, key=key)
    assert (status, [fault["pointer"] for fault in problem["errors"]]) == (422, ["/events/1/id", "/events/2/id"])


async def test_media_type_method_and_place(lab: Lab) -> None:
    _, key = await lab.key()
    sent = event("ANY-1")
    for media_type in ("text/csv", "application/x-www-form-urlencoded"):
        status, problem, _ = await lab.post(sent, key=key, Content_Type=media_type)
        assert (status, problem["type"]) == (415, "/api/v1/problems/media-type")
    status, problem, headers = await lab.post(b"", method="GET", key=key)
    assert (status, headers["Allow"]) == (405, "POST")
    status, problem, _ = await lab.post(b"", method="GET", path="/api/v2/events")
    assert (status, problem["status"]) == (404, 404)
    status, problem, _ = await lab.post(b"", method="GET", path="/api/v1/problems/key-reused")
    assert (status, problem["status"]) == (200, 422)


async def test_who_asks_too_often_is_told_to_wait(lab: Lab) -> None:
    (_, key), (_, other) = await lab.key(), await lab.key()
    per_minute = lab.script.place.settings.api_requests_per_minute
    answers = await asyncio.gather(*(lab.post(b"", key=key) for _ in range(per_minute + 30)))
    refused = [headers for status, _, headers in answers if status == 429]
    assert 0 < len(refused) <= 30
    assert all(1 <= int(headers["Retry-After"]) <= 60 for headers in refused)
    assert (await lab.post(b"", key=other))[0] == 400, "another source is not held up"


async def test_the_description_is_valid_and_says_what_is_done(lab: Lab) -> None:
    status, document, _ = await lab.post(b"", method="GET", path="/api/v1/openapi.json")
    assert status == 200
    validate(document)
    assert document["servers"] == [{"url": lab.url}]
    post = document["paths"]["/api/v1/events"]["post"]
    assert set(post["responses"]) == {"200", "207", *map(str, (400, 401, 403, 404, 409, 413, 415, 422, 429, 500))}
    assert "kit_delivered" in document["components"]["schemas"]["EventIn"]["properties"]["kind"]["enum"]


async def test_a_result_may_say_what_was_found_and_says_it_once(lab: Lab) -> None:
    who, code = await lab.known()
    _, key = await lab.key()
    found = [{"gene": "GBA1", "finding": "positive"}, {"gene": "LRRK2", "finding": "negative"}]
    sent = {**event(code, "result"), "genotypes": found}
    for outcome in ("recorded", "repeated"):
        assert (await lab.post(sent, key=key))[1]["outcome"] == outcome
    database = lab.script.service.built.database
    async with database.begin() as connection:
        person = await read_person(connection, database.keyring, who, at=datetime.now(UTC))
    assert person.genotypes == {(STUDY, "GBA1"): "positive", (STUDY, "LRRK2"): "negative"}
    rows = await lab.script.place.rows("select finding from genotypes where participant_id = %s", who)
    assert not any(word in bytes(row["finding"]) for row in rows for word in (b"GBA1", b"positive"))


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("kit_delivered", [{"gene": "GBA1", "finding": "positive"}]),
        ("result", [{"gene": "GBA1", "finding": "perhaps"}]),
        ("result", [{"gene": "gba1!", "finding": "positive"}]),
        ("result", [{"gene": "GBA1", "finding": "positive"}, {"gene": "GBA1", "finding": "negative"}]),
    ],
)
async def test_a_finding_that_can_not_be_meant_is_refused(lab: Lab, kind: str, found: list[dict[str, str]]) -> None:
    who, code = await lab.known()
    _, key = await lab.key()
    assert (await lab.post({**event(code, kind), "genotypes": found}, key=key))[0] == 422
    assert await lab.script.place.rows("select 1 from genotypes where participant_id = %s", who) == []

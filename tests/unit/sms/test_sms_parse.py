"""Twilio's forms in, Perennial's values out."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from channels.sms.parse import STATUSES, BadWebhook, parse_inbound, parse_outbox_id, parse_status
from conversation.messages import ChannelName, DeliveryStatus, OptOutType, SendProblem

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
SID = "SM" + "0a" * 16
FORM = {
    "MessageSid": SID,
    "From": "+15005550006",
    "To": "+15005550001",
    "Body": "How long do results take?",
    "NumMedia": "0",
    "FromCity": "TUCSON",
    "FromState": "AZ",
    "FromZip": "85701",
    "FromCountry": "US",
    "AccountSid": "AC" + "0" * 32,
}


def test_an_inbound_message() -> None:
    message = parse_inbound(FORM, received_at=AT)

    assert message.channel is ChannelName.SMS
    assert (message.provider_id, message.sender, message.recipient) == (SID, "+15005550006", "+15005550001")
    assert message.text == message.full_text == "How long do results take?"
    assert message.received_at is AT
    assert message.opt_out_type is None
    assert message.participant_id is None
    assert message.attributes == {
        "num_media": "0",
        "from_city": "TUCSON",
        "from_state": "AZ",
        "from_zip": "85701",
        "from_country": "US",
    }


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a\x00b", "ab"),
        ("", ""),
        ("👩‍👩‍👧 ok", "👩‍👩‍👧 ok"),
        ("שלום, כמה זה עולה?", "שלום, כמה זה עולה?"),
        ("x" * 1600, "x" * 1600),
        ("  spaced\n", "  spaced\n"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_the_text_is_what_was_written_but_for_nul(body: str, text: str) -> None:
    assert parse_inbound({**FORM, "Body": body}, received_at=AT).text == text


@pytest.mark.parametrize("field", ["MessageSid", "From", "To", "Body"])
def test_a_missing_field_is_named(field: str) -> None:
    form = {name: value for name, value in FORM.items() if name != field}
    with pytest.raises(BadWebhook, match=f"^{field} is missing$") as raised:
        parse_inbound(form, received_at=AT)
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("MessageSid", "../../etc/passwd"),
        ("MessageSid", "SM" + "0" * 100),
        ("From", "whatsapp:+15005550006"),
        ("From", "+1500555000600000000"),
        ("From", "nobody"),
        ("To", "+1 500 555 0001"),
    ],
)
def test_a_malformed_field_is_named_and_its_value_is_not(field: str, value: str) -> None:
    with pytest.raises(BadWebhook) as raised:
        parse_inbound({**FORM, field: value}, received_at=AT)
    assert str(raised.value) == f"{field} is malformed"


def test_a_picture_without_words_is_a_message() -> None:
    form = {name: value for name, value in FORM.items() if name != "Body"} | {"NumMedia": "1"}
    message = parse_inbound(form, received_at=AT)
    assert (message.text, message.attributes["num_media"]) == ("", "1")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("STOP", OptOutType.STOP), ("start", OptOutType.START), ("HELP", OptOutType.HELP), ("", None), ("LATER", None)],
)
def test_opt_out_type(value: str, expected: OptOutType | None) -> None:
    assert parse_inbound({**FORM, "OptOutType": value}, received_at=AT).opt_out_type is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("accepted", DeliveryStatus.SENT),
        ("scheduled", DeliveryStatus.SENT),
        ("queued", DeliveryStatus.SENT),
        ("sending", DeliveryStatus.SENT),
        ("sent", DeliveryStatus.SENT),
        ("partially_delivered", DeliveryStatus.SENT),
        ("delivered", DeliveryStatus.DELIVERED),
        ("read", DeliveryStatus.DELIVERED),
        ("undelivered", DeliveryStatus.FAILED),
        ("failed", DeliveryStatus.FAILED),
        ("canceled", DeliveryStatus.FAILED),
    ],
)
def test_statuses(status: str, expected: DeliveryStatus) -> None:
    outbox_id = uuid4()
    update = parse_status({"MessageSid": SID, "MessageStatus": status}, outbox_id=outbox_id)
    assert update is not None
    assert (update.status, update.provider_id, update.outbox_id) == (expected, SID, outbox_id)
    assert (update.problem is None) is (expected is not DeliveryStatus.FAILED)


def test_every_status_is_tried_above() -> None:
    assert len(STATUSES) == 11


@pytest.mark.parametrize("status", ["received", "receiving", "teleported"])
def test_statuses_that_say_nothing(status: str) -> None:
    assert parse_status({"MessageSid": SID, "MessageStatus": status}, outbox_id=None) is None


def test_a_failure_carries_its_code_and_problem() -> None:
    form = {"MessageSid": SID, "MessageStatus": "undelivered", "ErrorCode": "30005"}
    update = parse_status(form, outbox_id=None)
    assert update is not None
    assert (update.code, update.problem) == ("30005", SendProblem.BAD_CONTACT)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"MessageStatus": "sent"}, "MessageSid"),
        ({"MessageSid": SID}, "MessageStatus"),
        ({"MessageSid": SID, "MessageStatus": "failed", "ErrorCode": "<b>"}, "ErrorCode"),
    ],
)
def test_a_bad_status_form(form: dict[str, str], field: str) -> None:
    with pytest.raises(BadWebhook) as raised:
        parse_status(form, outbox_id=None)
    assert raised.value.field == field


def test_outbox_id() -> None:
    outbox_id = uuid4()
    assert parse_outbox_id(str(outbox_id)) == outbox_id
    assert parse_outbox_id(None) is None
    with pytest.raises(BadWebhook, match="outbox is malformed"):
        parse_outbox_id("1 OR 1=1")

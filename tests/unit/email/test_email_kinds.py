"""What kind of mail it is: raw mails as the programs of the world write them, and the judgement of each."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from channels.email.addresses import AddressBook
from channels.email.parse import parse_email
from channels.email.parsed import EmailKind, ParsedEmail

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
OUTBOX = UUID("0198a1b2-0000-7000-8000-00000000abcd")
BOOK = AddressBook(domain="talk.example", key=b"k" * 32)
OUR_ID = f"perennial.{OUTBOX.hex}@talk.example"


def mail(body: str = "Hello", **headers: str) -> bytes:
    fields = {
        "From": "Ann <ann@home.example>",
        "To": "hello@talk.example",
        "Subject": "Hi",
        "Message-ID": "<1@home.example>",
    }
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    return "\r\n".join([*lines, "", *body.split("\n")]).encode()


def parse(raw: bytes, **options: str) -> ParsedEmail:
    return parse_email(raw, received_at=AT, own_domain="talk.example", envelope_from=options.get("envelope_from"))


AUTO_REPLIES = {
    "gmail vacation": mail("I am away.", Auto_Submitted="auto-replied", Precedence="bulk", X_Autoreply="yes",
                           Subject="Out of the garden Re: Your kit", In_Reply_To="<x@talk.example>"),
    "outlook": mail("Ich bin weg.", Auto_Submitted="auto-generated", X_Auto_Response_Suppress="All",
                    Subject="Automatische Antwort: Termin"),
    "exchange, subject only": mail("I am out of the office until Monday.", Subject="Automatic reply: Your visit"),
    "exchange spanish": mail("Estaré fuera.", Subject="Respuesta automática: Su visita"),
    "exchange spanish encoded": mail("Estaré fuera.", Subject="=?utf-8?Q?Respuesta_autom=C3=A1tica=3A_Su_visita?="),
    "exchange french": mail("Absente.", Subject="Réponse automatique : Votre visite"),
    "german notice": mail("Weg.", Subject="Abwesenheitsnotiz: Termin"),
    "out of office prefix": mail("Gone.", Subject="Out of Office: Your visit"),
    "null return path": mail("Gone fishing.", Return_Path="<>"),
    "precedence junk": mail(Precedence="junk"),
    "precedence auto_reply": mail(Precedence="auto_reply"),
    "list": mail(List_Id="<gardens.lists.example>"),
    "newsletter": mail(List_Unsubscribe="<https://news.example/u>", From="News <news@shop.example>"),
    "suppress": mail(X_Auto_Response_Suppress="DR, OOF, AutoReply"),
    "x-autorespond": mail(X_Autorespond="Re: hi"),
    "ticket system": mail("Your request (#123) has been received.", Subject="[Request received] kit",
                          Auto_Submitted="auto-generated"),
    "ticket system without headers": mail("Your ticket has been created. We will answer soon.", Subject="[#4711] Re: kit",
                                          From="Help <support@desk.example>"),
    "otrs": mail(X_OTRS_Loop="desk.example", From="support@desk.example"),
    "no reply": mail(From="Shop <no-reply@shop.example>"),
    "no reply spanish": mail(From="<noresponder@tienda.example>"),
    "mailer daemon without a report": mail("Hello there", From="Mail <mailer-daemon@home.example>"),
    "auto-notified": mail(Auto_Submitted="auto-notified; owner-email=x"),
    "read receipt": mail("--b\nContent-Type: text/plain\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\n"
                         "Disposition: manual-action/MDN-sent-manually; displayed\n--b--",
                         Content_Type='multipart/report; report-type=disposition-notification; boundary="b"'),
    "vacation to the return path": mail("Gone.", To=BOOK.bounce_address(OUTBOX)),
}  # fmt: skip

MESSAGES = {
    "plain": mail(),
    "auto-submitted no": mail(Auto_Submitted="no"),
    "answer to an automatic mail": mail("I am back.", Subject="Re: Automatic reply: Your visit"),
    "a person on vacation": mail("I am on vacation until Monday. Can we move my visit?", Subject="Re: Your visit"),
    "out of office said by a person": mail("I am out of office next week, can we move it?", Subject="my visit"),
    "receipt of nothing": mail("No, I do not want it.", X_Auto_Response_Suppress="RN, NRN"),
    "a quoted bounce": mail("I got this:\n\n550 5.1.1 user unknown <bob@home.example>", Subject="Undeliverable?"),
    "high priority": mail(Precedence="first-class", X_Priority="1"),
    "a few relays": b"".join(b"Received: from a by b; Mon, 23 Nov 2026\r\n" for _ in range(12)) + mail(),
}

LOOPS = {
    "our mark": mail(X_Perennial="1", Auto_Submitted="auto-replied"),
    "our message id": mail(Message_ID=f"<{OUR_ID}>"),
    "our address": mail(From=BOOK.reply_address(OUTBOX)),
    "same sender and recipient": mail(From="hello@talk.example"),
    "many relays": b"".join(b"Received: from a by b; Mon, 23 Nov 2026\r\n" for _ in range(40)) + mail(),
    "delivered twice": b"Delivered-To: hello@talk.example\r\nDelivered-To: hello@talk.example\r\n" + mail(),
    "x-loop": mail(X_Loop="hello@talk.example"),
}


@pytest.mark.parametrize("name", AUTO_REPLIES)
def test_auto_reply(name: str) -> None:
    assert parse(AUTO_REPLIES[name]).kind is EmailKind.AUTO_REPLY


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    assert parse(MESSAGES[name]).kind is EmailKind.MESSAGE


@pytest.mark.parametrize("name", LOOPS)
def test_loop(name: str) -> None:
    assert parse(LOOPS[name]).kind is EmailKind.LOOP


def test_a_null_envelope_sender_counts_as_a_null_return_path() -> None:
    assert parse(mail("Gone."), envelope_from="<>").kind is EmailKind.AUTO_REPLY


RETURNED = f"Message-ID: <{OUR_ID}>\nFrom: P <hello@talk.example>\nTo: ann@home.example\nSubject: Your kit\n\nWords"


def dsn(
    status: str, action: str = "failed", *, words: str = "It failed.", extra: str = "", reporter: str = ""
) -> bytes:
    body = (
        f"--b\nContent-Type: text/plain\n\n{words}\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.home.example\n\nFinal-Recipient: rfc822; ann@home.example\nAction: {action}\n"
        f"Status: {status}\n{extra}\n--b\nContent-Type: message/rfc822\n\n{RETURNED}\n--b--\n"
    )
    return mail(
        body,
        From=reporter or "Mail Delivery System <MAILER-DAEMON@mx.home.example>",
        Subject="Undelivered Mail Returned to Sender",
        Auto_Submitted="auto-replied",
        Return_Path="<>",
        Content_Type='multipart/report; report-type=delivery-status; boundary="b"',
        Message_ID="<d1@mx.home.example>",
    )


REPORTS = {
    "postfix unknown user": (dsn("5.1.1", extra="Diagnostic-Code: smtp; 550 5.1.1 no such user\n"), "5.1.1", True, True),
    "postfix delayed": (dsn("4.4.1", "delayed"), "4.4.1", False, False),
    "expired": (dsn("4.4.7"), "4.4.7", False, False),
    "exchange": (dsn("5.1.10", reporter="postmaster@home.example"), "5.1.10", True, True),
    "exchange encloses an address in the type": (dsn("5.4.1"), "5.4.1", True, True),
    "full mailbox": (dsn("5.2.2"), "5.2.2", True, False),
    "blocked": (dsn("5.7.1"), "5.7.1", True, False),
    "no more than failed, the server says more": (
        dsn("5.0.0", extra="Diagnostic-Code: smtp; 550-5.1.1 The account does not exist\n"), "5.1.1", True, True,
    ),
    "gmail": (dsn("5.1.1", reporter="Mail Delivery Subsystem <mailer-daemon@googlemail.example>"), "5.1.1", True, True),
}  # fmt: skip


@pytest.mark.parametrize("name", REPORTS)
def test_delivery_report(name: str) -> None:
    raw, status, final, marks = REPORTS[name]
    parsed = parse(raw)
    assert parsed.kind is EmailKind.BOUNCE
    assert parsed.bounce is not None
    assert (parsed.bounce.recipient, parsed.bounce.status) == ("ann@home.example", status)
    assert (parsed.bounce.final, parsed.bounce.marks_contact) == (final, marks)
    assert parsed.bounce.original_message_id == OUR_ID
    assert parsed.bounce.outbox_id == OUTBOX


def test_a_report_of_success_is_no_bounce() -> None:
    assert parse(dsn("2.0.0", "delivered")).kind is EmailKind.AUTO_REPLY


def test_the_worst_of_several_recipients_counts() -> None:
    block = "\nFinal-Recipient: rfc822; bob@home.example\nAction: failed\nStatus: 5.1.1\n"
    bounce = parse(dsn("4.2.0", "delayed", extra=block)).bounce
    assert bounce is not None
    assert bounce.recipient == "bob@home.example"
    assert bounce.recipients == ("bob@home.example", "ann@home.example")
    assert bounce.final


OLD_BOUNCES = {
    "qmail": (
        mail(
            "Hi. This is the qmail-send program at mx.home.example.\nI'm afraid I wasn't able to deliver your message to the "
            "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<ann@home.example>:\n"
            f"192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\nGiving up on 192.0.2.1.\n\n"
            f"--- Below this line is a copy of the message.\n\nReturn-Path: <hello@talk.example>\n{RETURNED}",
            From="MAILER-DAEMON@mx.home.example", Subject="failure notice", Return_Path="<>",
        ),
        "5.1.1", True,
    ),
    "exim": (
        mail(
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered "
            "to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
            f"  ann@home.example\n    host mx.home.example [192.0.2.1]: 550 5.1.1 No such user\n\n------ This is a copy\n\n{RETURNED}",
            From="Mail Delivery System <Mailer-Daemon@mx.home.example>", Return_Path="<>",
            Subject="Mail delivery failed: returning message to sender", X_Failed_Recipients="ann@home.example",
        ),
        "5.1.1", True,
    ),
    "sendmail old": (
        mail(
            "The original message was received at Mon, 23 Nov 2026\n\n   ----- The following addresses had permanent fatal errors "
            "-----\n<ann@home.example>\n\n   ----- Transcript of session follows -----\n... while talking to mx.home.example.:\n"
            f">>> RCPT To:<ann@home.example>\n<<< 550 User unknown\n550 <ann@home.example>... User unknown\n\n{RETURNED}",
            From="Mail Delivery Subsystem <MAILER-DAEMON@relay.example>", Subject="Returned mail: User unknown", Return_Path="<>",
        ),
        "5.0.0", True,
    ),
    "sendmail warning": (
        mail(
            "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n"
            "    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n\nWarning: message still undelivered after 4 hours\n"
            "Will keep trying until message is 5 days old\n<ann@home.example>... Deferred: Connection timed out",
            From="MAILER-DAEMON@relay.example", Subject="Warning: could not send message for past 4 hours", Return_Path="<>",
        ),
        "", False,
    ),
    "gmail old": (
        mail(
            "Delivery to the following recipient failed permanently:\n\n     ann@home.example\n\nTechnical details of permanent "
            f"failure:\n550 550 5.1.1 unknown (state 14).\n\n----- Original message -----\n\n{RETURNED}",
            From="Mail Delivery Subsystem <mailer-daemon@googlemail.example>", Subject="Delivery Status Notification (Failure)",
            X_Failed_Recipients="ann@home.example", Return_Path="<>",
        ),
        "5.1.1", True,
    ),
    "spanish exchange in words": (
        mail(
            "No se pudo entregar el mensaje a ann@home.example.\nLa dirección no existe. 550 5.1.10 RecipientNotFound",
            From="postmaster@home.example", Subject="No se puede entregar: Su kit", Return_Path="<>",
        ),
        "5.1.10", True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OLD_BOUNCES)
def test_bounce_in_words(name: str) -> None:
    raw, status, final = OLD_BOUNCES[name]
    parsed = parse(raw)
    assert parsed.kind is EmailKind.BOUNCE
    assert parsed.bounce is not None
    assert parsed.bounce.recipient == "ann@home.example"
    assert (parsed.bounce.status, parsed.bounce.final) == (status, final)


def arf(kind: str = "abuse", extra: str = "Original-Rcpt-To: <ann@home.example>\n") -> bytes:
    body = (
        "--b\nContent-Type: text/plain\n\nThis is an abuse report. STOP\n--b\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: {kind}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n{extra}\n--b\nContent-Type: message/rfc822\n\n"
        f"{RETURNED}\n--b--\n"
    )
    return mail(
        body,
        From="feedback@provider.example",
        Subject="FW: Your kit",
        Content_Type='multipart/report; report-type=feedback-report; boundary="b"',
    )


@pytest.mark.parametrize(
    ("kind", "by_person"), [("abuse", True), ("fraud", True), ("not-spam", False), ("auth-failure", False)]
)
def test_complaint(kind: str, by_person: bool) -> None:
    parsed = parse(arf(kind))
    assert parsed.kind is EmailKind.COMPLAINT
    assert parsed.complaint is not None
    assert (parsed.complaint.feedback_type, parsed.complaint.by_person) == (kind, by_person)
    assert (parsed.complaint.recipient, parsed.complaint.outbox_id) == ("ann@home.example", OUTBOX)


def test_a_complaint_without_the_address_takes_that_of_the_returned_mail() -> None:
    complaint = parse(arf(extra="")).complaint
    assert complaint is not None
    assert complaint.recipient == "ann@home.example"


def test_complaint_of_outlook_com() -> None:
    body = f"--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: ann@home.example\n{RETURNED}\n--b--"
    raw = mail(body, From="staff@hotmail.example", Content_Type="multipart/mixed; boundary=b", Subject="complaint")
    parsed = parse(raw)
    assert parsed.complaint is not None
    assert parsed.complaint.recipient == "ann@home.example"

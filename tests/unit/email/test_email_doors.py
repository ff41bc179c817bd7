"""The addresses of a measured mail, and the mail that carries them."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from channels.email.compose import compose_email
from channels.email.doors import MailDoors, links_in
from conversation.messages import ChannelName, OutboundMessage

DOORS = MailDoors(b"key", public_url="https://prn.example/")
TEXT = (
    "Read https://study.example/oak?a=1&b=2. Or https://other.example/x, and https://study.example/oak?a=1&b=2 again."
)
FOOTER = "Our page is https://prn.example/about."


def mail(**attributes: str) -> tuple[str, str]:
    """The plain text and the HTML."""
    message = OutboundMessage(
        id=UUID(int=1),
        channel=ChannelName.EMAIL,
        to="ana@example.org",
        sender="hello@prn.example",
        text=TEXT,
        language="en",
        attributes={"footer": FOOTER, **attributes},
    )
    made = compose_email(message, domain="prn.example", at=datetime(2026, 3, 2, tzinfo=UTC))
    plain, html = (made.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


def test_tokens_are_chance_and_ours() -> None:
    made = {DOORS.new_token() for _ in range(200)}
    assert len(made) == 200
    assert all(DOORS.is_ours(token) and len(token) == 24 for token in made)


@pytest.mark.parametrize("token", ["", "a" * 24, "a" * 23, "-" * 24, "é" * 24, "a" * 5000, "../../etc/passwd12345678"])
def test_what_is_guessed_is_not_ours(token: str) -> None:
    assert not DOORS.is_ours(token)


def test_a_changed_token_and_another_house_s_are_not_ours() -> None:
    token = DOORS.new_token()
    changed = ("B" if token[0] != "B" else "C") + token[1:]
    assert not DOORS.is_ours(changed)
    assert not MailDoors(b"other", public_url="https://prn.example").is_ours(token)


def test_a_mail_that_is_not_measured_has_no_picture_and_its_own_links() -> None:
    plain, html = mail()
    assert "<img" not in html
    assert "/m/" not in html + plain
    assert '<a href="https://other.example/x">https://other.example/x</a>' in html


def test_a_measured_mail_leads_through_us_and_says_where_to() -> None:
    token = DOORS.new_token()
    plain, html = mail(picture_url=DOORS.picture_url(token), links_url=DOORS.links_url(token))
    assert html.count("<img") == 1
    assert f'src="https://prn.example/m/o/{token}.gif"' in html
    assert html.count(f'<a href="https://prn.example/m/c/{token}/1">study.example/oak?a=1&amp;b=2</a>') == 2
    assert f'<a href="https://prn.example/m/c/{token}/2">other.example/x</a>' in html
    # The footer's are not followed, the plain text's not either.
    assert '<a href="https://prn.example/about">' in html
    assert token not in plain
    assert "https://study.example/oak?a=1&b=2" in plain


def test_links_are_counted_by_their_first_place() -> None:
    assert links_in(TEXT) == ["https://study.example/oak?a=1&b=2", "https://other.example/x"]
    assert links_in("http://plain.example javascript:alert(1) https://") == []


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="URL"):
        mail(picture_url="javascript:alert(1)")

"""Signatures, computed here from Twilio's description and not by the SDK that checks them.

https://www.twilio.com/docs/usage/webhooks/webhooks-security: HMAC-SHA1, keyed with the auth token, over the URL and the
sorted form fields, name and value run together; a repeated field gives each of its different values once.
"""

import base64
import hashlib
import hmac

import pytest
from multidict import MultiDict

from channels.sms.signature import BadSignature, SignatureCheck

TOKEN = "a token of the tests"
PATH = "/channels/sms/inbound?foo=1&bar=%20x"
FIELDS = [("Body", "Niño 👍"), ("From", "+15005550006"), ("To", "+15005550001"), ("Empty", "")]


def sign(url: str, fields: list[tuple[str, str]] = FIELDS, token: str = TOKEN) -> str:
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def passes(public_url: str, signature: str | None, *, fields: list[tuple[str, str]] = FIELDS, path: str = PATH) -> bool:
    check = SignatureCheck(public_url=public_url, auth_tokens=[TOKEN])
    try:
        check.check_signature(path_qs=path, signature=signature, body=MultiDict(fields))
    except BadSignature:
        return False
    return True


@pytest.mark.parametrize(
    ("public_url", "signed_url"),
    [
        ("https://perennial.example", "https://perennial.example"),
        ("https://perennial.example/", "https://perennial.example"),
        ("https://perennial.example", "https://perennial.example:443"),
        ("https://perennial.example:443", "https://perennial.example"),
        ("https://perennial.example:8443", "https://perennial.example:8443"),
        ("https://perennial.example:8443", "https://perennial.example"),
        ("http://perennial.example", "http://perennial.example:80"),
        ("http://perennial.example:8080", "http://perennial.example:8080"),
        ("https://perennial.example/behind/proxy", "https://perennial.example/behind/proxy"),
    ],
)
def test_genuine_with_and_without_port(public_url: str, signed_url: str) -> None:
    assert passes(public_url, sign(signed_url + PATH))


GENUINE = sign("https://perennial.example" + PATH)


@pytest.mark.parametrize(
    ("case", "signature", "fields", "path"),
    [
        ("missing", None, FIELDS, PATH),
        ("empty", "", FIELDS, PATH),
        ("not base64", "nonsense", FIELDS, PATH),
        ("of another token", sign("https://perennial.example" + PATH, token="another"), FIELDS, PATH),
        ("of another host", sign("https://evil.example" + PATH), FIELDS, PATH),
        ("of another scheme", sign("http://perennial.example" + PATH), FIELDS, PATH),
        ("one letter changed", GENUINE, [("Body", "Nina 👍"), *FIELDS[1:]], PATH),
        ("a field added", GENUINE, [*FIELDS, ("OptOutType", "STOP")], PATH),
        ("a field taken away", GENUINE, FIELDS[:2], PATH),
        ("query changed", GENUINE, FIELDS, PATH + "&outbox=1"),
        ("query decoded", GENUINE, FIELDS, PATH.replace("%20", " ")),
        ("path changed", GENUINE, FIELDS, PATH.replace("inbound", "status")),
        ("absolute path", GENUINE, FIELDS, "https://perennial.example" + PATH),
    ],
)
def test_refused(case: str, signature: str | None, fields: list[tuple[str, str]], path: str) -> None:
    assert not passes("https://perennial.example", signature, fields=fields, path=path), case


def test_repeated_fields_count_once_a_value_and_sorted() -> None:
    fields = [("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234"), ("Sid", "CA123"), ("SidAccount", "AC123")]
    genuine = sign("https://perennial.example" + PATH, fields)
    assert passes("https://perennial.example", genuine, fields=fields)
    assert passes("https://perennial.example", genuine, fields=list(reversed(fields)))
    assert not passes("https://perennial.example", genuine, fields=fields[1:])


def test_either_token_while_one_is_rotated() -> None:
    check = SignatureCheck(public_url="https://perennial.example", auth_tokens=["new", "old"])
    for token in ("new", "old"):
        check.check_signature(
            path_qs=PATH, signature=sign("https://perennial.example" + PATH, token=token), body=MultiDict(FIELDS)
        )
    with pytest.raises(BadSignature):
        check.check_signature(
            path_qs=PATH, signature=sign("https://perennial.example" + PATH, token="older"), body=MultiDict(FIELDS)
        )


def test_an_empty_token_signs_nothing() -> None:
    for tokens in ([], [""], ["good", ""]):
        with pytest.raises(ValueError, match="auth token"):
            SignatureCheck(public_url="https://perennial.example", auth_tokens=tokens)


def json_passes(body: str, path: str, signature: str) -> bool:
    check = SignatureCheck(public_url="https://perennial.example", auth_tokens=[TOKEN])
    try:
        check.check_signature(path_qs=path, signature=signature, body=body)
    except BadSignature:
        return False
    return True


def test_json_body_by_its_hash() -> None:
    body = '{"property": "value", "boolean": true}'
    path = f"/channels/sms/status?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signature = sign("https://perennial.example" + path, [])
    assert json_passes(body, path, signature)
    assert not json_passes(body.replace("true", "false"), path, signature)
    assert not json_passes(body, path.replace("status", "inbound"), signature)


def test_a_raw_body_without_its_hash_is_not_covered_by_the_signature() -> None:
    path = "/channels/sms/status"
    assert not json_passes("{}", path, sign("https://perennial.example" + path, []))

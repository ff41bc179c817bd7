"""Is this request from Twilio? The gate of both webhooks.

The signature covers the URL as Twilio knows it, so it is checked against the *configured* public URL: the Host and
X-Forwarded headers are the caller's to choose and are never read.
https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from multidict import MultiMapping
from twilio.request_validator import RequestValidator

from conversation.errors import PerennialError


class BadSignature(PerennialError):
    """The request does not carry a signature of ours from Twilio."""


class SignatureCheck:
    """Checks requests against one public URL and any of several auth tokens (two while a token is being rotated).

    `public_url`: scheme, host and, where a proxy strips one, path prefix; with or without port (both are tried).
    """

    def __init__(self, *, public_url: str, auth_tokens: Sequence[str]) -> None:
        if not auth_tokens or not all(auth_tokens):
            raise ValueError("At least one auth token is needed, none of them empty")
        self._public_url = public_url.rstrip("/")
        self._validators = [RequestValidator(token) for token in auth_tokens]

    def check_signature(self, *, path_qs: str, signature: str | None, body: MultiMapping[str] | str) -> None:
        """Passes, or raises `BadSignature`.

        `path_qs`: path and query exactly as they were requested (still percent-encoded). `body`: the form fields, or
        the raw text of a body of another type; the latter passes only where the URL carries its `bodySHA256`.
        """
        if not signature or not path_qs.startswith("/"):
            raise BadSignature
        url = self._public_url + path_qs
        if isinstance(body, str) and "bodySHA256" not in parse_qs(urlsplit(url).query):
            raise BadSignature
        if not any(validator.validate(url, body, signature) for validator in self._validators):
            raise BadSignature

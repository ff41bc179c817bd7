"""Sending by Twilio's API: exactly one request a message, and an honest answer to "was it taken?".

Twilio has no idempotency key. A request that may have reached it is therefore never made again: after a timeout, a lost
connection or any 5xx the answer is `FateUnknown`, and the status callback settles it. Its URL carries the outbox id, so
the callback finds its row even where we never learned the MessageSid. Only what certainly was not taken is retryable.
The SDK's own `max_retries` posts again on 5xx and stays unset.

The SDK logs URLs and headers, and its exceptions quote phone numbers: its logger is silenced here and its exceptions
are never chained.
"""

import logging
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.sms.codes import problem_of
from channels.sms.routes import STATUS_PATH
from conversation.errors import FateUnknown, SendFailed
from conversation.messages import Accepted, OutboundMessage, SendProblem
from engagement.words.segments import count_segments

TWILIO_API = "https://api.twilio.com"

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10, sock_connect=5, sock_read=20)
"""Seconds. `connect` bounds the part before a request can have left, name lookup included."""

# Outside the logging tree, so no configuration can switch it on.
_SILENT = logging.Logger("channels.sms.twilio")
_SILENT.disabled = True


@dataclass(frozen=True, kw_only=True)
class TwilioAccount:
    """Where and as whom to send.

    `sender`: a number in E.164, a short code, or a messaging service ("MG…"); a message's own `sender` goes before it.
    `api_url`: scheme and host of Twilio's API, or of a fake. `public_url`: where Twilio reaches our webhooks.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str
    public_url: str
    api_url: str = TWILIO_API


class SmsSender:
    """A `Sender`. One HTTP session for its life, opened at the first message; `close` it, or use it as a context."""

    def __init__(self, account: TwilioAccount, *, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        self._account = account
        self._transport = _Transport(timeout)
        # An empty environment: TWILIO_EDGE and TWILIO_REGION would rewrite the host behind our settings' back.
        self._client = Client(account.account_sid, account.auth_token, http_client=self._transport, environment={})
        self._client.api.base_url = account.api_url.rstrip("/")

    async def send(self, message: OutboundMessage) -> Accepted:
        """Posts `message` once. `quick_replies` have no form in SMS and are left out.

        Raises `SendFailed` (Twilio's code, the problem, seconds to wait where it said so) or `FateUnknown`.
        """
        sender = message.sender or self._account.sender
        origin = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        try:
            taken = await self._client.messages.create_async(
                to=message.to, body=message.text, status_callback=self._callback_url(message), **origin
            )
            provider_id, parts = taken.sid, taken.num_segments
        except (SendFailed, FateUnknown):
            raise
        except (TwilioRestException, TwilioServiceException) as refusal:
            raise _refused(refusal) from None
        except (TwilioException, ValueError, TypeError, AttributeError) as fault:
            # The status was 2xx, so it was taken, but the answer is not one we can read.
            raise FateUnknown(f"Twilio's answer cannot be read ({type(fault).__name__})") from None
        if not isinstance(provider_id, str) or not provider_id:
            raise FateUnknown("Twilio's answer carries no MessageSid")
        return Accepted(provider_id=provider_id, parts=_parts(parts, message.text))

    async def close(self) -> None:
        """Closes the session. Sending again opens a new one."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _callback_url(self, message: OutboundMessage) -> str:
        return f"{self._account.public_url.rstrip('/')}{STATUS_PATH}?{urlencode({'outbox': str(message.id)})}"


class _Transport:
    """The SDK's asynchronous HTTP client with what it leaves out: a timeout that holds, and what a failure means."""

    is_async = True

    def __init__(self, timeout: aiohttp.ClientTimeout) -> None:
        self._timeout = timeout
        self._http: AsyncTwilioHttpClient | None = None

    async def request(self, *args: Any, **kwargs: Any) -> Response:
        try:
            response = await self._open().request(*args, **kwargs)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as fault:
            raise SendFailed(
                f"Twilio cannot be reached ({type(fault).__name__})", problem=SendProblem.RETRY, code="unreachable"
            ) from None
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeDecodeError) as fault:
            raise FateUnknown(f"No answer from Twilio ({type(fault).__name__})") from None
        if response.status_code >= 500:
            raise FateUnknown(f"Twilio answered {response.status_code}")
        if response.status_code == 429:
            # Here and not at the SDK's exception, which has lost the header.
            raise SendFailed(
                "Twilio asks us to slow down",
                problem=SendProblem.RETRY,
                code="20429",
                retry_after=_seconds(response.headers.get("Retry-After")),
            )
        return response

    async def close(self) -> None:
        if self._http is not None:
            http, self._http = self._http, None
            await http.close()

    def _open(self) -> AsyncTwilioHttpClient:
        if self._http is None:
            # Without a pool it makes no session of its own.
            self._http = AsyncTwilioHttpClient(pool_connections=False, logger=_SILENT, max_retries=None)
            self._http.session = _TimedSession(self._timeout)
        return self._http


class _TimedSession:
    """The SDK (9.13) ignores its own `timeout` and asks each request to wait for ever: here the limit is put back."""

    def __init__(self, timeout: aiohttp.ClientTimeout) -> None:
        self._timeout = timeout
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def request(self, **kwargs: Any) -> aiohttp.ClientResponse:
        return await self._session.request(**{**kwargs, "timeout": self._timeout})

    async def close(self) -> None:
        await self._session.close()


def _refused(refusal: Any) -> SendFailed:
    code = str(refusal.code or "")
    return SendFailed(f"Twilio refused the message ({code})", problem=problem_of(code), code=code)


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _parts(reported: Any, text: str) -> int:
    """Twilio's count; ours where it has not counted yet (a messaging service answers "0")."""
    counted = int(reported) if str(reported).isdecimal() else 0
    return counted or count_segments(text)

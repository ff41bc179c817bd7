"""Signed tokens of the web chat: a browser's session, a link that goes on with a conversation, a site's identity."""

from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

LINK_LIFETIME_S = 3 * 24 * 3600
"""A link in an SMS may be opened the next evening, not next month."""


class LinkSigner:
    """Makes and reads the tokens. A token carries an id and a signature, nothing about the person."""

    def __init__(self, secret: str, *, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")
        self._links = URLSafeTimedSerializer(secret, salt="webchat link")
        self._sessions = URLSafeSerializer(secret, salt="webchat session")
        self._unsubscribe = URLSafeSerializer(secret, salt="unsubscribe")
        self._documents = URLSafeTimedSerializer(secret, salt="consent document")

    def continue_url(self, participant_id: UUID) -> str:
        """Where this participant goes on by web chat."""
        return f"{self._public_url}/chat/c/{self._links.dumps(participant_id.hex)}"

    def read_link(self, token: str) -> UUID | None:
        """The participant of a link that is ours and in time."""
        try:
            return UUID(str(self._links.loads(token, max_age=LINK_LIFETIME_S)))
        except (BadSignature, ValueError):
            return None

    def session(self, visitor: UUID) -> str:
        """The token a browser keeps."""
        return str(self._sessions.dumps(visitor.hex))

    def read_session(self, token: str) -> UUID | None:
        """The visitor of a session token that is ours."""
        try:
            return UUID(str(self._sessions.loads(token)))
        except (BadSignature, ValueError):
            return None

    def unsubscribe_url(self, participant_id: UUID) -> str:
        """One-click unsubscribe (RFC 8058) for this participant's mail."""
        return f"{self._public_url}/email/unsubscribe/{self._unsubscribe.dumps(participant_id.hex)}"

    def read_unsubscribe(self, token: str) -> UUID | None:
        """The participant of an unsubscribe token that is ours; it does not expire."""
        try:
            return UUID(str(self._unsubscribe.loads(token)))
        except (BadSignature, ValueError):
            return None

    def document_url(self, request_id: UUID) -> str:
        """Where the consent document of a request is read, or read and signed."""
        return f"{self._public_url}/consent/{self._documents.dumps(request_id.hex)}"

    def read_document(self, token: str) -> UUID | None:
        """The request of a document's link that is ours and in time."""
        try:
            return UUID(str(self._documents.loads(token, max_age=LINK_LIFETIME_S)))
        except (BadSignature, ValueError):
            return None


def read_identity(token: str, *, secret: str) -> str | None:
    """The site's own name for its visitor, signed by the site with its `identity_secret` within the last day."""
    try:
        return str(URLSafeTimedSerializer(secret, salt="webchat identity").loads(token, max_age=24 * 3600))[:200]
    except BadSignature:
        return None

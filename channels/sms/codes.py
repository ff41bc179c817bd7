"""Twilio's error codes as the words the outbox acts on.

A code reaches us in two ways: as the answer to our request (the message was not taken), and in a status callback (it
was taken and then failed). What the problems mean here:

- `RETRY`: a passing state of the account, the network or the phone. As an answer to a request, the same request may be
  made again; in a callback, a later and *new* message may get through.
- `BAD_CONTACT`: this number does not receive SMS. Mark the contact point and use another.
- `OPTED_OUT`: the person said STOP to Twilio. Record it as the opt-out it is.
- `BLOCKED`: the account, the sending number, its registration or a carrier stands in the way.
  The number is good; staff must act.
- `REJECTED`: the request was wrong, or the reason is unknown. Trying again changes nothing.

Each code has its page: https://www.twilio.com/docs/api/errors/30003 and so on (`link_of`).
"""

from collections.abc import Mapping

from conversation.messages import SendProblem

_R, _C, _O, _B, _X = (
    SendProblem.RETRY,
    SendProblem.BAD_CONTACT,
    SendProblem.OPTED_OUT,
    SendProblem.BLOCKED,
    SendProblem.REJECTED,
)

PROBLEMS: Mapping[str, SendProblem] = {
    "14107": _R,  # rate limit on messages between two numbers
    "20001": _X,  # unknown parameters
    "20003": _B,  # authentication failed: the operator's to mend
    "20005": _B,  # account not active
    "20404": _X,  # not found
    "20429": _R,  # too many requests
    "20500": _R,  # internal error; as an HTTP 5xx answer it is `FateUnknown` before this table is asked
    "20503": _R,  # service unavailable; likewise
    "21211": _C,  # invalid To
    "21212": _B,  # invalid From
    "21214": _C,  # To cannot be reached
    "21217": _C,  # not a phone number
    "21219": _B,  # To not verified (trial account)
    "21265": _C,  # To is a short code
    "21266": _X,  # To and From are the same
    "21408": _B,  # no permission to send to this region
    "21601": _B,  # From cannot send SMS
    "21602": _X,  # no body
    "21603": _X,  # no From
    "21604": _X,  # no To
    "21606": _B,  # From is not ours or cannot send SMS
    "21608": _B,  # To not verified (trial account)
    "21609": _X,  # invalid StatusCallback
    "21610": _O,  # recipient has opted out
    "21611": _R,  # From has too many messages waiting
    "21612": _B,  # no route between this To and this From
    "21614": _C,  # To is not a mobile number
    "21617": _X,  # body longer than 1,600 characters
    "21619": _X,  # no body and no media
    "21620": _X,  # invalid media URL
    "21635": _C,  # To is a landline
    "21703": _B,  # messaging service without numbers
    "21704": _B,  # messaging service without usable numbers
    "21705": _B,  # invalid messaging service
    "30001": _R,  # queue overflow
    "30002": _B,  # account suspended
    "30003": _R,  # phone switched off or out of coverage
    "30004": _B,  # message blocked by recipient's side
    "30005": _C,  # unknown handset
    "30006": _C,  # landline or unreachable carrier
    "30007": _B,  # filtered as spam
    "30008": _X,  # unknown carrier error: it may have arrived, so never "retry"
    "30010": _X,  # price over MaxPrice
    "30011": _C,  # handset's network takes no MMS
    "30022": _R,  # A2P 10DLC rate limit
    "30023": _R,  # A2P 10DLC daily cap
    "30024": _B,  # numeric sender not provisioned on the carrier
    "30032": _B,  # toll-free number not verified
    "30034": _B,  # number not registered for A2P 10DLC
    "30035": _B,  # A2P registration still pending on the carrier
    "30036": _X,  # validity period passed
    "30037": _B,  # outbound messaging switched off
    "30038": _B,  # one-time-password text blocked
    "30039": _B,  # message loop stopped
    "30040": _B,  # carrier needs registered senders
    "63001": _B,  # channel (WhatsApp, Messenger) refused our credentials
    "63003": _C,  # channel does not know To
    "63007": _B,  # channel does not know From
    "63013": _B,  # channel's policy
    "63015": _B,  # sandbox: recipient has not joined
    "63016": _X,  # free-form text outside WhatsApp's 24-hour window
    "63018": _R,  # channel's rate limit
    "63024": _C,  # invalid recipient on the channel
    "63033": _B,  # recipient blocked the sender on the channel
    "63038": _R,  # account's daily limit
}


def problem_of(code: str | int | None) -> SendProblem:
    """The problem a Twilio error code stands for. Unknown, empty and malformed codes are `REJECTED`: never re-sent."""
    return PROBLEMS.get(str(code), SendProblem.REJECTED)


def link_of(code: str | int) -> str:
    """Twilio's page on a code, for a coordinator or operator to read."""
    return f"https://www.twilio.com/docs/api/errors/{code}"

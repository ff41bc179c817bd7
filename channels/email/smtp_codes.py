"""What a mail server's refusal means for the outbox: a table of SMTP codes.

Enhanced status codes are those of RFC 3463 and the registry at
https://www.iana.org/assignments/smtp-enhanced-status-codes/, basic codes those of RFC 5321 section 4.2.
"""

import re

from conversation.messages import SendProblem

ENHANCED: dict[str, SendProblem] = {
    "5.1.0": SendProblem.BAD_CONTACT,
    "5.1.1": SendProblem.BAD_CONTACT,
    "5.1.2": SendProblem.BAD_CONTACT,
    "5.1.3": SendProblem.BAD_CONTACT,
    "5.1.6": SendProblem.BAD_CONTACT,
    "5.1.10": SendProblem.BAD_CONTACT,  # RFC 7505: the domain takes no mail
    "5.1.7": SendProblem.REJECTED,  # our own address is at fault
    "5.1.8": SendProblem.REJECTED,
    "5.2.1": SendProblem.BAD_CONTACT,  # mailbox disabled
    "5.2.2": SendProblem.REJECTED,  # mailbox full: the address is good
    "5.3.4": SendProblem.REJECTED,  # message too big
    "5.4.4": SendProblem.BAD_CONTACT,  # no such host
    "5.7.0": SendProblem.BLOCKED,
    "5.7.1": SendProblem.BLOCKED,  # not authorised, spam
    "5.7.8": SendProblem.RETRY,  # our credentials are refused: a setting, not this message
    "5.7.23": SendProblem.BLOCKED,  # SPF
    "5.7.25": SendProblem.BLOCKED,  # reverse DNS
    "5.7.26": SendProblem.BLOCKED,  # DMARC
}
AT_RECIPIENT: dict[int, SendProblem] = {
    550: SendProblem.BAD_CONTACT,
    551: SendProblem.BAD_CONTACT,
    553: SendProblem.BAD_CONTACT,
}
"""Where the server refuses RCPT TO and gives no enhanced code, these speak of the mailbox."""

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def enhanced_code(text: str) -> str:
    """The enhanced status code at the head of a reply, or an empty string."""
    match = _ENHANCED.search(text[:200])
    return match[1] if match else ""


def decide_problem(code: int, text: str, *, at_recipient: bool) -> SendProblem:
    """What the outbox does after the reply `code text`. `at_recipient`: it answered RCPT TO."""
    enhanced = enhanced_code(text)
    if 400 <= code < 500 or code < 200 or enhanced.startswith("4."):
        return SendProblem.RETRY
    if enhanced in ENHANCED:
        return ENHANCED[enhanced]
    if enhanced.startswith("5.7."):
        return SendProblem.BLOCKED
    if at_recipient and not enhanced:
        return AT_RECIPIENT.get(code, SendProblem.REJECTED)
    return SendProblem.REJECTED

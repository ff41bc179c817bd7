"""The kinds of event there are, and which of them lead where.

A kind that bears the name of a stage leads to it, from any stage before it: who reports the sample has seen no kit arrive. The way
runs forward only, but for what is said outright in `BACK`.
"""

from collections.abc import Mapping

from engagement.stages import STAGES

FIRST = "first_contact"
WITHDRAWN = "withdrawn"
WAY = tuple(stage for stage in STAGES if stage != WITHDRAWN)
"""The stages in the order in which they come. Somebody may withdraw from any of them."""

BACK: Mapping[str, tuple[frozenset[str], str]] = {
    # A new kit is wanted.
    "kit_lost": (frozenset({"kit_ordered", "kit_delivered"}), "consented"),
    "sample_rejected": (frozenset({"sample_returned", "in_laboratory"}), "consented"),
    # Who has left and agrees anew begins again; nothing else brings them back.
    "consented": (frozenset({WITHDRAWN}), "consented"),
}
"""Kind → the stages from which it leads back, and to which."""

KINDS = (
    *(stage for stage in STAGES if stage != FIRST),
    "kit_lost",
    "sample_rejected",
    "check_in_completed",
    "result_discussed",
    "contact_made",
)
"""Every kind of event. Those that are no stage and not in `BACK` move nobody; plans may wait for them."""

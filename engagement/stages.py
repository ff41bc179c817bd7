"""The stages of a participant's way through a study, from first contact on."""

STAGES = (
    "first_contact",
    "prescreened",
    "consented",
    "kit_ordered",
    "kit_delivered",
    "sample_returned",
    "in_laboratory",
    "result",
    "confirmed_eligible",
    "referred",
    "enrolled",
    "completed",
    "withdrawn",
    "long_term_follow_up",
)
"""Every stage that Perennial knows, in order; a study uses those it needs."""

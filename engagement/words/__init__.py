"""Approved words: the texts of `content/` and of the study packs, their faults, and who approved them."""

from engagement.words.approvals import BadApprovals, load_approvals, read_approvals
from engagement.words.loading import load_words
from engagement.words.wording import CHANNELS, Wording

__all__ = [
    "CHANNELS",
    "BadApprovals",
    "Wording",
    "load_approvals",
    "load_words",
    "read_approvals",
]

"""Approved words: the texts of `content/` and of the study packs, their faults, and who approved them."""

from engagement.words.approvals import BadApprovals, load_approvals, read_approvals
from engagement.words.loading import load_words
from engagement.words.shelves import Shelf, load_shelves
from engagement.words.wording import CHANNELS, Wording

__all__ = [
    "CHANNELS",
    "BadApprovals",
    "Shelf",
    "Wording",
    "load_approvals",
    "load_shelves",
    "load_words",
    "read_approvals",
]

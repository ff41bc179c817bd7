"""What an expression may see: %variables, the time, the purse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engagement.fhirpath.budget import Budget
from engagement.fhirpath.nodes import Item


@dataclass(kw_only=True, slots=True)
class Environment:
    """`lookup` gives a %variable's value, or None where there is no such variable."""

    lookup: Callable[[str], Sequence[Item] | None]
    at: datetime
    """Aware; what now() and today() say."""
    budget: Budget = field(default_factory=Budget)
    index: int = 0
    """$index of the function under way."""
    total: Sequence[Item] = ()
    """$total of aggregate()."""

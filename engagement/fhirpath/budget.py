"""How much work expressions may be: counted, not timed, so that the same form stops at the same place on every machine."""

from engagement.fhirpath.errors import BudgetSpent

STEPS = 400_000
"""One answer's worth of expressions together: about a second of plain Python."""
MAX_STRING = 100_000
"""Characters of a string that an expression may build."""
MAX_ITEMS = 50_000
"""Members of a collection that an expression may build."""


class Budget:
    """A purse of steps, shared by the expressions that one answer sets off."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Take `steps`; `BudgetSpent` when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise BudgetSpent

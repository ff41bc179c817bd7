"""What may be permitted: purposes, and the scopes that some of them are given in. Data, so that all readers share one list."""

from collections.abc import Iterable
from dataclasses import dataclass

WHOLE = ""
"""The one scope of a purpose that has none of its own."""


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """`scopes`: the parts it is given in. `nested`: they run from narrow to wide, and a wider one holds those before it.

    `contact`: it permits us to write, so it may be kept to some channels and to so many times a year.
    `asked`: a consent document may ask for it; what is not asked comes with taking part.
    """

    name: str
    scopes: tuple[str, ...] = (WHOLE,)
    nested: bool = False
    contact: bool = False
    asked: bool = True

    def held_by(self, scopes: Iterable[str] | None) -> frozenset[str]:
        """The scopes that a grant of these gives. None: all."""
        if scopes is None:
            return frozenset(self.scopes)
        if not self.nested:
            return frozenset(scopes)
        return frozenset(each for given in scopes for each in self.scopes[: self.scopes.index(given) + 1])

    def ended_by(self, scopes: Iterable[str] | None) -> frozenset[str]:
        """The scopes that a withdrawal of these takes away: who refuses the narrower refuses the wider. None: all."""
        if scopes is None:
            return frozenset(self.scopes)
        if not self.nested:
            return frozenset(scopes)
        return frozenset(each for taken in scopes for each in self.scopes[self.scopes.index(taken) :])


PURPOSES = {
    purpose.name: purpose
    for purpose in (
        # Reminders, check-ins, news of one's own kit: what taking part needs.
        Purpose(name="study_contact", contact=True, asked=False),
        Purpose(name="genetic_testing"),
        Purpose(name="return_primary"),
        Purpose(name="return_incidental"),
        Purpose(name="sample_storage"),
        Purpose(name="data_sharing", scopes=("sponsor", "academic", "commercial", "public_database")),
        # Its scopes say how far it reaches: the study where it was given, others of its sponsor, any research.
        Purpose(name="recontact", scopes=("programme", "sponsor", "any"), nested=True, contact=True),
    )
}

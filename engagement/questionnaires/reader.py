"""Reads members of JSON by type and keeps the faults, so that one pass names them all.

What can only have meant one thing is read as that, and noted: "true" for true, a number for a text, one object for an array of one.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engagement.questionnaires.errors import BadQuestionnaire, Fault
from engagement.questionnaires.form import Note

MOST_FAULTS = 200
"""After these reading stops."""


class Reader:
    """Faults found so far, and typed access to what is there. `notes`: where doubts go."""

    def __init__(self, notes: list[Note]) -> None:
        self.faults: list[Fault] = []
        self.notes = notes

    def doubt(self, feature: str, link_id: str | None) -> None:
        """Keep how something was read that breaks FHIR."""
        self.notes.append(Note(kind="doubtful", link_id=link_id or "", feature=feature))

    def fault(self, path: str, message: str, link_id: str | None = None) -> None:
        """Keep a fault; `BadQuestionnaire` when there are too many to be worth going on."""
        self.faults.append(Fault(path=path, message=message, link_id=link_id))
        if len(self.faults) >= MOST_FAULTS:
            raise BadQuestionnaire(self.faults)

    def text(self, data: Mapping[str, Any], name: str, path: str, link_id: str | None = None) -> str:
        """A string, "" where there is none."""
        found = data.get(name)
        if found is None:
            return ""
        if isinstance(found, int | Decimal) and not isinstance(found, bool):
            self.doubt(f"{name} is a number, taken as text", link_id)
            return f"{found:f}" if isinstance(found, Decimal) else str(found)
        if not isinstance(found, str):
            self.fault(f"{path}.{name}".lstrip("."), "must be text", link_id)
            return ""
        return found

    def flag(self, data: Mapping[str, Any], name: str, path: str, link_id: str | None = None) -> bool:
        """A boolean, False where there is none."""
        found = data.get(name)
        if found is None:
            return False
        if isinstance(found, str) and found.strip().lower() in ("true", "false"):
            self.doubt(f"{name} is text, taken as {found.strip().lower()}", link_id)
            return found.strip().lower() == "true"
        if not isinstance(found, bool):
            self.fault(f"{path}.{name}", "must be true or false", link_id)
            return False
        return found

    def whole(self, data: Mapping[str, Any], name: str, path: str, link_id: str | None = None) -> int | None:
        """A whole number of 0 or more, None where there is none."""
        found = data.get(name)
        if found is None:
            return None
        if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 10:
            self.doubt(f"{name} is text, taken as a number", link_id)
            return int(found)
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            self.fault(f"{path}.{name}", "must be a whole number", link_id)
            return None
        return found

    def objects(
        self, data: Mapping[str, Any], name: str, path: str, link_id: str | None = None
    ) -> list[tuple[str, Mapping[str, Any]]]:
        """The objects of an array, each with its path."""
        found = data.get(name)
        if found is None:
            return []
        where = f"{path}.{name}".lstrip(".")
        if isinstance(found, Mapping):
            self.doubt(f"{name} is no array, taken as one of one", link_id)
            return [(where, found)]
        if not isinstance(found, list):
            self.fault(where, "must be an array", link_id)
            return []
        objects = []
        for number, member in enumerate(found):
            if isinstance(member, Mapping):
                objects.append((f"{where}[{number}]", member))
            else:
                self.fault(f"{where}[{number}]", "must be an object", link_id)
        return objects

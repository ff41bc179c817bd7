"""A state as a FHIR R4 QuestionnaireResponse."""

from datetime import datetime
from typing import Any

from engagement.questionnaires.state import State
from engagement.questionnaires.tree import build_root
from engagement.questionnaires.validate import validate


def is_complete(state: State) -> bool:
    """Whether nothing is open and nothing is wrong."""
    return state.ask is None and not validate(state)


def to_response(
    state: State, *, authored: datetime | None = None, subject: str | None = None, texts: bool = True
) -> dict[str, Any]:
    """The resource as JSON. `status`: completed, or in-progress while something is open. `subject`: a reference ("Patient/1").

    Items that are disabled or empty do not stand in it, displays neither (R4 §2.40.4).
    """
    form = state.form
    found: dict[str, Any] = {"resourceType": "QuestionnaireResponse"}
    if form.url:
        found["questionnaire"] = f"{form.url}|{form.version}" if form.version else form.url
    found["status"] = "completed" if is_complete(state) else "in-progress"
    if subject is not None:
        found["subject"] = {"reference": subject}
    if authored is not None:
        found["authored"] = authored.isoformat(timespec="seconds")
    root = build_root(state, {}, texts=texts)
    if "item" in root:
        found["item"] = root["item"]
    return found

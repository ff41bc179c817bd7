"""Questionnaires: FHIR R4 `Questionnaire` in, the next question out, `QuestionnaireResponse` out. Pure: no I/O, no clock.

form = parse_questionnaire(file.read_bytes())
state = start(form, at=at)
while state.ask is not None:
    taken = take_text(state, state.ask, said, language="en", at=at)
    state = taken.state
to_response(state, authored=at)
"""

from engagement.questionnaires.asking import Ask
from engagement.questionnaires.check_values import Problem
from engagement.questionnaires.errors import BadQuestionnaire, BadResponse, Fault
from engagement.questionnaires.expected import expectation, values_read
from engagement.questionnaires.features import features, in_order
from engagement.questionnaires.form import Form, Note
from engagement.questionnaires.item import AnswerOption, Item, Place
from engagement.questionnaires.json_text import BadJson, read_json, write_json
from engagement.questionnaires.parse import parse_questionnaire
from engagement.questionnaires.replay import enabled_under, restore
from engagement.questionnaires.response import is_complete, to_response
from engagement.questionnaires.state import (
    Refused,
    State,
    answer_another,
    apply_answer,
    question_before,
    remove_instance,
    skip,
    start,
)
from engagement.questionnaires.taking import Taken, ask_for, take_text
from engagement.questionnaires.validate import validate
from engagement.questionnaires.values import Coding, Quantity, Value

__all__ = [
    "AnswerOption",
    "Ask",
    "BadJson",
    "BadQuestionnaire",
    "BadResponse",
    "Coding",
    "Fault",
    "Form",
    "Item",
    "Note",
    "Place",
    "Problem",
    "Quantity",
    "Refused",
    "State",
    "Taken",
    "Value",
    "answer_another",
    "apply_answer",
    "ask_for",
    "enabled_under",
    "expectation",
    "features",
    "in_order",
    "is_complete",
    "parse_questionnaire",
    "question_before",
    "read_json",
    "remove_instance",
    "restore",
    "skip",
    "start",
    "take_text",
    "to_response",
    "validate",
    "values_read",
    "write_json",
]

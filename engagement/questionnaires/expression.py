"""The expressions that a questionnaire carries in its extensions."""

from collections.abc import Mapping
from typing import Any

from engagement.fhirpath import BadExpression, parse_expression
from engagement.questionnaires.item import Expression


def read_expression(extension: Mapping[str, Any]) -> Expression | str:
    """The Expression of an extension, or why it can't be used."""
    value = extension.get("valueExpression")
    if not isinstance(value, Mapping):
        value = {"language": "text/fhirpath", "expression": extension.get("valueString")}
    language, text = value.get("language"), value.get("expression")
    if language != "text/fhirpath":
        return str(language)[:40]
    if not isinstance(text, str):
        return "no expression"
    try:
        parsed = parse_expression(text)
    except BadExpression as error:
        return str(error)
    name = value.get("name")
    return Expression(text=text, parsed=parsed, name=name if isinstance(name, str) else "")

"""The extensions of FHIR and SDC that the engine knows, under every address they have had."""

from collections.abc import Iterator, Mapping
from typing import Any

_BASES = (
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/",
    "http://hl7.org/fhir/us/sdc/StructureDefinition/",
    "http://hl7.org/fhir/StructureDefinition/",
    "http://hl7.org/fhir/R4/StructureDefinition/",
    "http://hl7.org/fhir/4.0/StructureDefinition/",
)

SUPPORTED = frozenset(
    {
        "minValue", "maxValue", "minLength", "regex", "maxDecimalPlaces", "hidden", "itemControl", "choiceOrientation",
        "unit", "unitOption", "optionExclusive", "optionPrefix", "calculatedExpression", "enableWhenExpression",
        "initialExpression", "variable", "minOccurs", "maxOccurs", "entryFormat", "supportLink", "shortText",
        "translation", "ordinalValue", "itemWeight",
    }
)  # fmt: skip
"""What changes a conversation, and is done."""

UNSUPPORTED = frozenset(
    {
        "answerExpression", "candidateExpression", "contextExpression", "answerOptionsToggleExpression", "constraint",
        "targetConstraint", "cqf-expression", "cqf-calculatedValue", "subQuestionnaire", "lookupQuestionnaire",
        "assembleContext", "unitValueSet", "unitOpen", "minQuantity", "maxQuantity", "referenceFilter", "questionnaireAdaptive",
    }
)  # fmt: skip
"""What changes which questions are asked or what may be answered, and is not done. All others are left aside."""

_ALIASES = {
    "cqif-calculatedValue": "calculatedExpression",
    "ordinalValue": "ordinalValue",
    "optionScore": "ordinalValue",
}


def short_name(url: str) -> str:
    """An extension's name without base and family: "calculatedExpression"; the whole address where it is not FHIR's own."""
    for base in _BASES:
        if url.startswith(base):
            name = url[len(base) :].partition("|")[0]
            bare = name.removeprefix("sdc-").removeprefix("questionnaire-")
            return _ALIASES.get(name, _ALIASES.get(bare, bare))
    return url


def extensions(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Short name and extension, of those of an element; what is no extension is left out (the reader faults it)."""
    found = data.get("extension")
    for extension in found if isinstance(found, list) else ():
        if isinstance(extension, Mapping) and isinstance(extension.get("url"), str):
            yield short_name(extension["url"]), extension


def code_of(extension: Mapping[str, Any]) -> str:
    """The code of an extension with a CodeableConcept, Coding or code; "" without one."""
    concept = extension.get("valueCodeableConcept")
    codings = concept.get("coding") if isinstance(concept, Mapping) else [extension.get("valueCoding")]
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, Mapping) and isinstance(coding.get("code"), str):
            return str(coding["code"])
    code = extension.get("valueCode")
    return code if isinstance(code, str) else ""

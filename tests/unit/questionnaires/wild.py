"""Forms as they are met in the wild, with what each comes to: what `test_in_the_wild` runs."""

from decimal import Decimal
from typing import Any

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
OLD_SDC = "http://hl7.org/fhir/us/sdc/StructureDefinition/sdc-questionnaire-"
CORE = "http://hl7.org/fhir/StructureDefinition/"
UCUM = "http://unitsofmeasure.org"


def of(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Questionnaire", "status": "active", "item": list(items), **more}


def item(link_id: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": type_, "text": f"{link_id}?", **more}


def ext(url: str, **value: Any) -> dict[str, Any]:
    return {"url": url, **value}


def calculated(base: str, text: str, name: str = "calculatedExpression") -> dict[str, Any]:
    return ext(base + name, valueExpression={"language": "text/fhirpath", "expression": text})


def value_set(**content: Any) -> dict[str, Any]:
    return {"resourceType": "ValueSet", "id": "v", "status": "active", **content}


def when(question: str, operator: str, **answer: Any) -> list[dict[str, Any]]:
    return [{"question": question, "operator": operator, **answer}]


def nested(levels: int) -> dict[str, Any]:
    inside = item("leaf", "boolean")
    for level in range(levels):
        inside = {"linkId": f"level{level}", "type": "group", "item": [inside]}
    return inside


def answer_of(link_id: str) -> str:
    return f"%resource.item.where(linkId='{link_id}').answer.value"


CHOSEN = item("c", "choice", answerValueSet="#v")
KG = {"system": UCUM, "code": "kg", "display": "kg"}
LB = {"system": UCUM, "code": "[lb_av]", "display": "lb"}
X_QUERY = {"name": "obs", "language": "application/x-fhir-query", "expression": "Observation?patient={{%patient.id}}"}
PATIENT = ext(
    SDC + "launchContext",
    extension=[ext("name", valueCoding={"code": "patient"}), ext("type", valueCode="Patient")],
)

type Wild = tuple[dict[str, Any], dict[str, Any], list[str]]
"""A form, what is asked and answered (linkId → value), and what is said about the form."""

WILD: dict[str, Wild] = {
    "references to choose from": (
        of(
            item(
                "r",
                "reference",
                answerOption=[{"valueReference": {"reference": "Practitioner/1", "display": "Dr Ada"}}],
            ),
            item(
                "c", "choice", answerOption=[{"valueReference": {"reference": "Organization/1", "display": "Clinic"}}]
            ),
        ),
        {
            "r": {"reference": "Practitioner/1", "display": "Dr Ada"},
            "c": {"reference": "Organization/1", "display": "Clinic"},
        },
        [],
    ),
    "a value set by filter": (
        of(
            CHOSEN,
            item("a"),
            contained=[
                value_set(
                    compose={
                        "include": [{"system": "s", "filter": [{"property": "concept", "op": "is-a", "value": "1"}]}]
                    }
                )
            ],
        ),
        {"a": "so"},
        ["unsupported: c answerValueSet #v"],
    ),
    "an expansion with headings": (
        of(
            CHOSEN,
            contained=[
                value_set(
                    expansion={
                        "contains": [
                            {
                                "abstract": True,
                                "display": "All",
                                "contains": [{"system": "s", "code": "1", "display": "One"}],
                            }
                        ]
                    }
                )
            ],
        ),
        {"c": {"system": "s", "code": "1", "display": "One"}},
        [],
    ),
    "a value set that leaves one out": (
        of(
            CHOSEN,
            contained=[
                value_set(
                    compose={
                        "include": [{"system": "s", "concept": [{"code": "x"}, {"code": "y"}]}],
                        "exclude": [{"system": "s", "concept": [{"code": "x"}]}],
                    }
                )
            ],
        ),
        {"c": {"system": "s", "code": "y"}},
        [],
    ),
    "value sets elsewhere": (
        of(
            item("c", "choice", answerValueSet="http://example.org/vs/a"),
            item("o", "open-choice", answerValueSet="http://example.org/vs/b"),
        ),
        {"o": "1"},
        [
            "unsupported: c answerValueSet http://example.org/vs/a",
            "unsupported: o answerValueSet http://example.org/vs/b",
        ],
    ),
    "no texts": (
        of(
            {"linkId": "a", "type": "string"},
            {"linkId": "c", "type": "choice", "answerOption": [{"valueCoding": {"code": "bare"}}]},
        ),
        {"a": "so", "c": {"code": "bare"}},
        [],
    ),
    "a condition on what comes later": (
        of(item("a", enableWhen=when("b", "=", answerBoolean=True)), item("b", "boolean")),
        {"a": "so", "b": True},
        [],
    ),
    "a condition on a group": (
        of(
            {"linkId": "g", "type": "group", "item": [item("x")]},
            item("a", enableWhen=when("g", "exists", answerBoolean=True)),
        ),
        {"x": "so"},
        [],
    ),
    "a condition on nothing": (
        of(item("a", enableWhen=when("lost", "=", answerBoolean=True)), item("b")),
        {"b": "so"},
        ["doubtful: a enableWhen of the unknown linkId lost"],
    ),
    "a condition on a display that must not be there": (
        of(
            {"linkId": "d", "type": "display", "text": "hi"},
            item("a", enableWhen=when("d", "exists", answerBoolean=False)),
        ),
        {"a": "so"},
        [],
    ),
    "an amount in another unit than the condition's": (
        of(
            item(
                "w",
                "quantity",
                extension=[ext(CORE + "questionnaire-unitOption", valueCoding=unit) for unit in (KG, LB)],
            ),
            item(
                "heavy",
                "boolean",
                enableWhen=when("w", ">", answerQuantity={"value": 100, "system": UCUM, "code": "kg"}),
            ),
            item(
                "light",
                "boolean",
                enableWhen=when("w", "<=", answerQuantity={"value": 100, "system": UCUM, "code": "kg"}),
            ),
        ),
        {"w": {"value": Decimal(250), "unit": "lb", "system": UCUM, "code": "[lb_av]"}, "heavy": True},
        [],
    ),
    "calculations by every name there is": (
        of(
            item("n", "integer"),
            item("new", "integer", extension=[calculated(SDC, f"{answer_of('n')} + 1")]),
            item("old", "integer", extension=[calculated(OLD_SDC, f"{answer_of('n')} + 2")]),
            item("title", extension=[calculated(SDC, "%questionnaire.title")]),
            item("itself", extension=[calculated(SDC, "%context.linkId")]),
            item(
                "hidden",
                "integer",
                required=True,
                extension=[
                    ext(CORE + "questionnaire-hidden", valueBoolean=True),
                    calculated(SDC, f"{answer_of('n')} * 2"),
                ],
            ),
            title="T",
        ),
        {"n": 5, "new": 6, "old": 7, "title": "T", "itself": "itself", "hidden": 10},
        [],
    ),
    "queries for what we do not have": (
        of(
            item("a", extension=[calculated(SDC, "%obs.entry.resource.value", "initialExpression")]),
            extension=[ext(CORE + "variable", valueExpression=X_QUERY), PATIENT],
        ),
        {"a": "so"},
        ["unsupported: - variable (application/x-fhir-query)", "unsupported: a expression (there is no variable %obs)"],
    ),
    "a patient that was not given": (
        of(
            item("a", "date", extension=[calculated(SDC, "%patient.birthDate", "initialExpression")]),
            extension=[PATIENT],
        ),
        {"a": "2020-05-01"},
        [],
    ),
    "scores on the code and on the option": (
        of(
            item(
                "c",
                "choice",
                answerOption=[
                    {"valueCoding": {"code": "x", "extension": [ext(CORE + "ordinalValue", valueDecimal=3)]}}
                ],
            ),
            item(
                "d",
                "choice",
                answerOption=[
                    {"valueCoding": {"code": "y"}, "extension": [ext(CORE + "ordinalValue", valueDecimal=4)]}
                ],
            ),
            item(
                "sum", "decimal", extension=[calculated(SDC, f"{answer_of('c')}.ordinal() + {answer_of('d')}.weight()")]
            ),
        ),
        {
            "c": {"code": "x", "extension": [ext(CORE + "ordinalValue", valueDecimal=3)]},
            "d": {"code": "y", "extension": [ext(CORE + "ordinalValue", valueDecimal=4)]},
            "sum": 7,
        },
        [],
    ),
    "what only matters on paper and on screens": (
        of(
            item(
                "a",
                "choice",
                answerOption=[{"valueCoding": {"code": "x"}}],
                definition="http://example.org/d#x",
                extension=[
                    ext(SDC + "preferredTerminologyServer", valueUrl="https://example.org/tx"),
                    ext(SDC + "collapsible", valueCode="default-open"),
                    ext(SDC + "choiceColumn", extension=[ext("path", valueString="display")]),
                    ext(CORE + "questionnaire-sliderStepValue", valueInteger=5),
                    ext("https://vendor.example/thing", valueString="x"),
                ],
            ),
        ),
        {"a": {"code": "x"}},
        [
            f"ignored: a {name}"
            for name in (
                "preferredTerminologyServer",
                "collapsible",
                "choiceColumn",
                "sliderStepValue",
                "https://vendor.example/thing",
            )
        ],
    ),
    "what must not be passed over": (
        of(
            item("a", modifierExtension=[ext("https://example.org/negates", valueBoolean=True)]),
            modifierExtension=[ext("https://example.org/all", valueBoolean=True)],
        ),
        {"a": "so"},
        ["unsupported: - modifierExtension", "unsupported: a modifierExtension"],
    ),
    "another language than FHIRPath": (
        of(
            item(
                "a",
                "integer",
                extension=[
                    ext(SDC + "calculatedExpression", valueExpression={"language": "text/cql", "expression": "1"})
                ],
            )
        ),
        {"a": 5},
        ["unsupported: a calculatedExpression (text/cql)"],
    ),
    "items below an answer": (
        of(
            item(
                "a",
                "boolean",
                item=[
                    item("b", required=True),
                    {"linkId": "d", "type": "display", "text": "note"},
                    {"linkId": "g", "type": "group", "item": [item("c", "integer")]},
                ],
            )
        ),
        {"a": True, "b": "so", "c": 5},
        [],
    ),
    "fifty levels": (of(nested(50)), {"leaf": True}, []),
    "every simple type": (
        of(
            *(
                item(type_, type_)
                for type_ in ("boolean", "integer", "decimal", "date", "dateTime", "time", "string", "text", "url")
            ),
            item("file", "attachment"),
        ),
        {
            "boolean": True,
            "integer": 5,
            "decimal": Decimal("1.5"),
            "date": "2020-05-01",
            "dateTime": "2020-05-01T10:00:00+00:00",
            "time": "22:15:00",
            "string": "so",
            "text": "so",
            "url": "https://example.org/x",
        },
        ["unsupported: file attachment"],
    ),
    "nothing to ask": (
        of({"linkId": "g", "type": "group", "item": [{"linkId": "d", "type": "display", "text": "hi"}]}),
        {},
        [],
    ),
}

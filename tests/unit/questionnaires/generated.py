"""Random questionnaires and random ways through them, for the property tests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from engagement.questionnaires import (
    Item,
    Place,
    Refused,
    State,
    Value,
    answer_another,
    apply_answer,
    remove_instance,
    skip,
)
from engagement.questionnaires.values import Coding

AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
EXT = "http://hl7.org/fhir/StructureDefinition/"
TYPES = ("boolean", "integer", "choice", "string", "group", "display", "decimal")
CODES = ("a", "b", "c")


def expression(name: str, text: str) -> dict[str, Any]:
    """An SDC extension with a FHIRPath expression."""
    return {"url": SDC + name, "valueExpression": {"language": "text/fhirpath", "expression": text}}


@dataclass
class _Maker:
    draw: Any
    made: list[dict[str, Any]] = field(default_factory=list)

    def items(self, depth: int, most: int) -> list[dict[str, Any]]:
        return [self.item(depth) for _ in range(self.draw(st.integers(1, most)))]

    def item(self, depth: int) -> dict[str, Any]:
        draw = self.draw
        kind = draw(st.sampled_from(TYPES))
        item: dict[str, Any] = {"linkId": f"q{len(self.made)}", "type": kind, "text": f"Question {len(self.made)}"}
        sources = list(self.made)
        self.made.append(item)
        extensions: list[dict[str, Any]] = []
        if sources and draw(st.booleans()):
            item["enableWhen"] = [self.condition(sources) for _ in range(draw(st.integers(1, 2)))]
            item["enableBehavior"] = draw(st.sampled_from(["all", "any"]))
        elif sources and draw(st.integers(0, 5)) == 0:
            source = draw(st.sampled_from(sources))["linkId"]
            found = f"%resource.descendants().where(linkId='{source}').answer.exists()"
            extensions.append(expression("enableWhenExpression", found))
        if kind not in ("group", "display"):
            item["required"] = draw(st.booleans())
            self.question(item, kind, sources, extensions)
        if kind in ("group", "choice", "string"):
            item["repeats"] = draw(st.booleans())
        if depth and (kind == "group" or (kind != "display" and draw(st.integers(0, 4)) == 0)):
            item["item"] = self.items(depth - 1, 3)
        if extensions:
            item["extension"] = extensions
        return item

    def question(self, item: dict[str, Any], kind: str, sources: list[Any], extensions: list[dict[str, Any]]) -> None:
        draw = self.draw
        if kind == "choice":
            item["answerOption"] = [{"valueCoding": {"system": "s", "code": code, "display": code}} for code in CODES]
            if draw(st.booleans()):
                item["answerOption"][2]["extension"] = [
                    {"url": EXT + "questionnaire-optionExclusive", "valueBoolean": True}
                ]
            if draw(st.integers(0, 3)) == 0:
                item["answerOption"][0]["initialSelected"] = True
        if kind == "integer":
            extensions += [{"url": EXT + "minValue", "valueInteger": 0}, {"url": EXT + "maxValue", "valueInteger": 5}]
            if draw(st.integers(0, 3)) == 0:
                item["initial"] = [{"valueInteger": draw(st.integers(-1, 6))}]
        if kind == "boolean" and draw(st.integers(0, 3)) == 0:
            item["initial"] = [{"valueBoolean": draw(st.booleans())}]
        if kind == "string":
            item["maxLength"] = 3
        numbers = [source["linkId"] for source in sources if source["type"] == "integer"]
        if kind == "decimal" and numbers:
            item["readOnly"] = True
            summed = " + ".join(
                f"%resource.descendants().where(linkId='{link}').answer.value.sum()" for link in numbers[-2:]
            )
            anything = "%resource.repeat(item).answer.value.ofType(integer).sum()"
            extensions.append(expression("calculatedExpression", draw(st.sampled_from([summed, anything]))))

    def condition(self, sources: list[dict[str, Any]]) -> dict[str, Any]:
        source = self.draw(st.sampled_from(sources))
        kind, link = source["type"], source["linkId"]
        answers: dict[str, dict[str, Any]] = {
            "boolean": {"answerBoolean": self.draw(st.booleans())},
            "integer": {"answerInteger": self.draw(st.integers(0, 5))},
            "decimal": {"answerDecimal": self.draw(st.integers(0, 5))},
            "choice": {"answerCoding": {"system": "s", "code": self.draw(st.sampled_from(CODES))}},
            "string": {"answerString": self.draw(st.sampled_from(["x", "xy"]))},
        }
        operators = ["exists", "=", "!="] + (["<", ">", "<=", ">="] if kind in ("integer", "decimal", "string") else [])
        operator = self.draw(st.sampled_from(operators if kind in answers else ["exists"]))
        if operator == "exists":
            return {"question": link, "operator": "exists", "answerBoolean": self.draw(st.booleans())}
        return {"question": link, "operator": operator, **answers[kind]}


@st.composite
def questionnaires(draw: Any) -> dict[str, Any]:
    """A questionnaire whose conditions look back, so that they can't go round in circles."""
    return {"resourceType": "Questionnaire", "status": "active", "item": _Maker(draw).items(2, 5)}


def value_for(item: Item, number: int) -> tuple[Value, ...]:
    """An answer of the item's type, often one that is beyond its limits."""
    match item.type:
        case "boolean":
            return (Value("boolean", number % 2 == 0),)
        case "integer":
            return (Value("integer", number % 8 - 1),)
        case "decimal":
            return (Value("decimal", number % 8),)
        case "choice":
            codes = [CODES[number % 3]] + ([CODES[(number + 1) % 3]] if number % 5 == 0 else [])
            return tuple(Value("Coding", Coding(system="s", code=code, display=code)) for code in codes)
        case _:
            return tuple(Value("string", text) for text in ("x" * (number % 5), "y")[: 1 + number % 2])


type Move = tuple[str, int, int]
moves: st.SearchStrategy[list[Move]] = st.lists(
    st.tuples(
        st.sampled_from(["next", "next", "next", "answer", "answer", "skip", "clear", "another", "remove", "wild"]),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=12,
)


def step(state: State, move: Move) -> State | Refused | None:
    """One move: what comes of it, or None where it means nothing here."""
    kind, first, second = move
    questions = list(state.questions())
    if kind == "next" and state.ask is not None and state.ask.kind == "question":
        return apply_answer(state, state.ask.place, value_for(state.ask.item, second), at=AT)
    if kind == "next" and state.ask is not None:
        return answer_another(state, state.ask.place, second % 2 == 0, at=AT)
    if kind in ("another", "remove"):
        groups = [item for item in state.form.items if item.type == "group" and item.multiplies]
        places = [place for item in groups for place in state.places(item.number)]
        if not places:
            return None
        place = places[first % len(places)]
        if kind == "another":
            return answer_another(state, place, second % 3 > 0, at=AT)
        return remove_instance(state, place, second % 3, at=AT)
    if kind == "wild":
        item = state.form.items[first % len(state.form.items)]
        return apply_answer(state, Place(item.number, (second % 2,) * len(item.over)), value_for(item, second), at=AT)
    if not questions:
        return None
    item, place = questions[first % len(questions)]
    if kind == "skip":
        return skip(state, place, at=AT)
    return apply_answer(state, place, () if kind == "clear" else value_for(item, second), at=AT)

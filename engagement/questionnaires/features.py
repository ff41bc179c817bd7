"""What a questionnaire uses of FHIR, by name, for whoever checks one."""

from collections import Counter

from engagement.questionnaires.form import Form, Note
from engagement.questionnaires.item import Item


def features(form: Form) -> Counter[str]:
    """Supported features → how many items use them."""
    found: Counter[str] = Counter()
    for item in form.items:
        found.update(set(_features(item)))
    if form.variables:
        found["variable"] += len(form.variables)
    return found


def in_order(notes: tuple[Note, ...]) -> list[Note]:
    """Notes once each: unsupported first, then doubtful, then ignored."""
    ranks = {"unsupported": 0, "doubtful": 1}
    return sorted(dict.fromkeys(notes), key=lambda note: ranks.get(note.kind, 2))


def _features(item: Item) -> list[str]:
    limits = item.limits
    said = {
        "repeats": item.repeats,
        "required": item.required,
        "readOnly": item.read_only,
        "hidden": item.hidden,
        "prefix": item.prefix,
        "help": item.help,
        "shortText": item.short,
        "initial": item.initial,
        "enableBehavior": item.any_condition,
        "entryFormat": item.entry_format,
        "supportLink": item.support_link,
        "choiceOrientation": item.orientation,
        "unit": item.unit,
        "unitOption": item.units,
        "variable": item.variables,
        "calculatedExpression": item.calculated,
        "enableWhenExpression": item.enable_expression,
        "initialExpression": item.initial_expression,
        "optionExclusive": any(option.exclusive for option in item.options),
        "ordinalValue": any(option.weight is not None for option in item.options),
        "minValue": limits.minimum,
        "maxValue": limits.maximum,
        "minLength": limits.min_length is not None,
        "maxLength": limits.max_length is not None,
        "regex": limits.pattern,
        "maxDecimalPlaces": limits.max_decimals is not None,
        "minOccurs": limits.min_occurs is not None,
        "maxOccurs": limits.max_occurs is not None,
        "translation": item.text.translations,
    }
    types = [item.type] if item.type not in ("attachment", "reference") or item.askable else []
    control = [f"itemControl {item.control}"] if item.control else []
    return [
        *types,
        *control,
        *(f"enableWhen {condition.operator}" for condition in item.conditions),
        *(name for name, used in said.items() if used),
    ]

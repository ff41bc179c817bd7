"""The `{names}` in a text: how they are written and which of them a study pack fills."""

import re

FACTS = (
    "cost",
    "compensation",
    "sample",
    "kit",
    "turnaround",
    "results",
    "genes",
    "condition",
    "visits",
    "side_effects",
    "eligibility",
    "sponsor",
    "privacy",
    "travel",
    "duration",
)
"""The facts that every study pack gives, so that the shared texts may use them."""

NAMESPACES = {
    "fact": FACTS,
    "contact": ("coordinator", "phone", "email", "hours"),
    "study": ("name", "title"),
    "programme": ("name",),
    "safety": ("crisis_line", "emergency_number", "poison_line"),
}

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\}")


def parse_placeholders(text: str) -> list[str]:
    """The names of all well-formed placeholders, in order, such as "fact.cost" or "expected"."""
    return PLACEHOLDER.findall(text)


def placeholder_problems(text: str, *, own_facts: bool) -> list[str]:
    """What is wrong with the placeholders of a text. `own_facts`: it is a study's, whose pack may have more facts."""
    problems = []
    if "{" in (rest := PLACEHOLDER.sub("", text)) or "}" in rest:
        problems.append("a brace that belongs to no placeholder; a placeholder is {name} or {fact.name}")
    for name in dict.fromkeys(parse_placeholders(text)):
        namespace, dot, last = name.partition(".")
        if not dot:
            continue
        if namespace not in NAMESPACES:
            problems.append(f"{{{name}}}: there is no '{namespace}'; use {', '.join(NAMESPACES)} or a bare name")
        elif last not in NAMESPACES[namespace] and not (own_facts and namespace == "fact"):
            problems.append(f"{{{name}}}: '{namespace}' has only {', '.join(NAMESPACES[namespace])}")
    return problems

"""Answers as FHIR nests them, kept from one answer to the next: only what changed is built anew."""

from collections.abc import Mapping
from typing import Any

from engagement.fhirpath import Fragment
from engagement.questionnaires.form import Form
from engagement.questionnaires.item import Place
from engagement.questionnaires.view import View

type Kept = dict[Place, tuple[Fragment, ...]]


class Root(Fragment):
    """The whole response as expressions see it: an item by its linkId is found without building the others."""

    __slots__ = ("_kept", "_view")

    def __init__(self, view: View, kept: Kept) -> None:
        super().__init__(resourceType="QuestionnaireResponse")
        self._view, self._kept = view, kept

    def linked(self, link_id: str) -> list[Fragment]:
        """The entries of an item at the top."""
        number = self._view.form.by_link.get(link_id)
        if number is None or self._view.form.items[number].parent is not None:
            return []
        return list(build_entries(self._view, Place(number), self._kept))

    def get(self, name: str, default: Any = None) -> Any:
        """A member; `item` is built when it is asked for."""
        if name == "item" and "item" not in self:
            self.update(build_root(self._view, self._kept))
        return super().get(name, default)

    def items(self) -> Any:
        """All members."""
        self.get("item")
        return super().items()


def build_root(view: View, kept: Kept, *, texts: bool = False) -> Fragment:
    """The QuestionnaireResponse's own items. `kept`: entries built before, which this adds to."""
    root = Fragment(resourceType="QuestionnaireResponse")
    items: list[Fragment] = []
    for place in view.form.tops:
        found = kept.get(place)
        items += build_entries(view, place, kept, texts=texts) if found is None else found
    if items:
        root["item"] = items
    return root


def build_entries(view: View, place: Place, kept: Kept, *, texts: bool = False) -> tuple[Fragment, ...]:
    """The entries of one item at one place: none where it is empty, several of a repeating group."""
    found = kept.get(place)
    if found is None:
        found = kept[place] = _build(view, place, kept, texts=texts)
    return found


def forget(form: Form, place: Place, kept: Kept) -> None:
    """What was built of this place and around it no longer holds."""
    above: Place | None = place
    while above is not None:
        kept.pop(above, None)
        above = form.parent(above)


def _build(view: View, place: Place, kept: Kept, *, texts: bool) -> tuple[Fragment, ...]:
    item = view.form.items[place.item]
    if item.type == "display":
        return ()
    head: Mapping[str, Any] = {"linkId": item.link_id}
    if texts and item.text:
        head = {"linkId": item.link_id, "text": item.text.default}
    if item.type == "group":
        times = range(view.count(place)) if item.multiplies else (None,)
        found = (_below(view, place, index, kept, texts=texts) for index in times)
        return tuple(Fragment(head, item=inner) for inner in found if inner)
    answers = []
    for index, value in enumerate(view.answers.get(place, ())):
        answer = Fragment(value.to_json())
        inner = []
        if item.has_children and (item.multiplies or index == 0):
            inner = _below(view, place, index if item.multiplies else None, kept, texts=texts)
        if inner:
            answer["item"] = inner
        answers.append(answer)
    return (Fragment(head, answer=answers),) if answers else ()


def _below(view: View, place: Place, index: int | None, kept: Kept, *, texts: bool) -> list[Fragment]:
    at = place.at if index is None else (*place.at, index)
    children = view.form.children[place.item + 1]
    return [entry for child in children for entry in build_entries(view, Place(child, at), kept, texts=texts)]

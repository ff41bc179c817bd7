"""Which conditions and calculations read which answers; what goes round in circles is refused."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from engagement.fhirpath import Reads, reads_of
from engagement.questionnaires.form import Graph
from engagement.questionnaires.item import Expression, Item
from engagement.questionnaires.reader import Reader


def build_graph(
    items: Sequence[Item], by_link: Mapping[str, int], variables: Sequence[Expression], reader: Reader
) -> Graph:
    """The graph; cycles become faults of `reader`."""
    return _Builder(items, by_link, variables, reader).graph()


class _Builder:
    def __init__(
        self, items: Sequence[Item], by_link: Mapping[str, int], variables: Sequence[Expression], reader: Reader
    ) -> None:
        self.items, self.by_link, self.reader = items, by_link, reader
        self.top = {variable.name: variable for variable in variables}
        self.known: dict[int, Reads] = {}
        self.sources: dict[int, set[int]] = defaultdict(set)
        """Node → nodes that come before it."""
        self.readers: dict[int, set[int]] = defaultdict(set)
        self.below: dict[int, set[int]] = defaultdict(set)
        self.anything: set[int] = set()

    def graph(self) -> Graph:
        self._check_variables(list(self.top.values()), "extension(variable)", None)
        for item in self.items:
            self._check_variables(item.variables, item.path, item.link_id)
            condition, value = 2 * item.number, 2 * item.number + 1
            self.sources[value].add(condition)
            if item.parent is not None:
                self.sources[condition].add(2 * item.parent)
            for one in item.conditions:
                source = self.by_link.get(one.question)
                if source is not None:
                    self._reads(condition, source)
            if item.enable_expression is not None:
                self._expression(condition, item, item.enable_expression)
            if item.calculated is not None:
                self._expression(value, item, item.calculated)
        return Graph(
            rank=self._ranks(),
            readers={number: tuple(sorted(nodes)) for number, nodes in self.readers.items()},
            below={number: tuple(sorted(nodes)) for number, nodes in self.below.items()},
            anything=tuple(sorted(self.anything)),
        )

    def _reads(self, node: int, source: int) -> None:
        self.readers[source].add(node)
        self.sources[node].add(2 * source + 1)

    def _expression(self, node: int, item: Item, expression: Expression) -> None:
        found = self._resolved(item, self._reads_of(expression))
        if found.all:
            self.anything.add(node)
        for link_id in found.answers:
            if (source := self.by_link.get(link_id)) is not None:
                self._reads(node, source)
        for link_id in found.below:
            if (source := self.by_link.get(link_id)) is not None:
                self.below[source].add(node)

    def _resolved(self, item: Item, reads: Reads) -> Reads:
        """With what the %variables read that it uses: the item's own, its ancestors', the questionnaire's."""
        scope: dict[str, Expression] = {}
        holder: Item | None = item if reads.variables else None
        while holder is not None:
            scope = {one.name: one for one in holder.variables} | scope
            holder = None if holder.parent is None else self.items[holder.parent]
        scope = self.top | scope
        waiting, seen = list(reads.variables), set(reads.variables)
        while waiting:
            variable = scope.get(waiting.pop())
            if variable is not None:
                inner = self._reads_of(variable)
                reads |= inner
                waiting += inner.variables - seen
                seen |= inner.variables
        return reads

    def _reads_of(self, expression: Expression) -> Reads:
        if id(expression) not in self.known:
            self.known[id(expression)] = reads_of(expression.parsed)
        return self.known[id(expression)]

    def _check_variables(self, variables: Sequence[Expression], path: str, link_id: str | None) -> None:
        """A variable that comes back to itself, through those beside it, is a fault."""
        scope = {variable.name: variable for variable in variables}
        for variable in variables:
            waiting, seen = [variable], set()
            while waiting:
                for name in self._reads_of(waiting.pop()).variables:
                    if name == variable.name:
                        self.reader.fault(path, f"the variable %{name} depends on itself", link_id)
                        return
                    if name in scope and name not in seen:
                        seen.add(name)
                        waiting.append(scope[name])

    def _ranks(self) -> tuple[int, ...]:
        """Each node's turn: Kahn's order, ties in the order of the file."""
        count = 2 * len(self.items)
        after: dict[int, list[int]] = defaultdict(list)
        missing = [0] * count
        for node, sources in self.sources.items():
            missing[node] = len(sources)
            for source in sources:
                after[source].append(node)
        ready = [node for node in range(count) if not missing[node]]
        heapify(ready)
        rank = [0] * count
        done = 0
        while ready:
            node = heappop(ready)
            rank[node] = done
            done += 1
            for following in after[node]:
                missing[following] -= 1
                if not missing[following]:
                    heappush(ready, following)
        if done < count:
            self._fault_cycle({node for node in range(count) if missing[node] > 0})
        return tuple(rank)

    def _fault_cycle(self, left: set[int]) -> None:
        node = min(left)
        way: list[int] = []
        while node not in way:
            way.append(node)
            node = min(source for source in self.sources[node] if source in left)
        circle = way[way.index(node) :]
        first = self.items[circle[0] // 2]
        names = list(_names(self.items[one // 2].link_id for one in reversed(circle)))
        if len(names) > 1 and names[0] == names[-1]:
            names.pop()  # its condition and its value, at either end
        told = " → ".join([*names, names[0]] if len(names) < 10 else [*names[:9], "…", names[0]])
        self.reader.fault(first.path, f"conditions and calculations go round in a circle: {told}", first.link_id)


def _names(link_ids: Iterable[str]) -> Iterator[str]:
    """Without the neighbours that are the same item's condition and value."""
    last = None
    for link_id in link_ids:
        if link_id != last:
            yield link_id
        last = link_id

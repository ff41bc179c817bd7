"""What a simulation found, as text, as one line of JSON, as plots (SVG)."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from service.simulator.checking import Violation, count, local_hours, weeks_of
from service.simulator.life import Life, Received

PRICES = {"sms": 0.0079, "email": 0.0001}
"""US dollars a message: a segment to a US number as Twilio lists it, a mail as large relays sell it; set your own by option."""


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """All of a simulation. `questions`: when somebody wanted a person."""

    study: str
    seed: int
    begins: datetime
    ends: datetime
    lives: Sequence[Life]
    received: Sequence[Received]
    violations: Sequence[Violation]
    questions: Sequence[datetime]
    deaths: int
    steps: int

    @property
    def taken(self) -> list[Received]:
        """What providers took, in order."""
        return sorted(
            (one for one in self.received if one.answered != "refused"), key=lambda one: (one.at, one.address)
        )

    @property
    def burden(self) -> list[int]:
        """Messages of each person."""
        owners = {address: number for number, life in enumerate(self.lives) for address in life.addresses}
        counted = Counter(owners[one.address] for one in self.taken)
        return [counted[number] for number in range(len(self.lives))]

    def as_json(self, prices: Mapping[str, float] = PRICES) -> dict[str, Any]:
        """One line's worth."""
        burden, weeks = self.burden, weeks_of(self.received, begins=self.begins)
        asked = Counter((at - self.begins).days // 7 for at in self.questions)
        by_channel = Counter(one.channel for one in self.taken)
        return {
            "study": self.study,
            "seed": self.seed,
            "participants": len(self.lives),
            "sent": len(self.taken),
            "by_channel": dict(sorted(by_channel.items())),
            "by_week": [weeks.get(week, 0) for week in range(max(weeks, default=-1) + 1)],
            "burden": {
                "median": statistics.median(burden) if burden else 0,
                "p95": _p95(burden),
                "most": max(burden, default=0),
            },
            "cost_usd": round(sum(prices.get(one.channel, 0.0) for one in self.taken), 2),
            "coordinators": {
                "questions": len(self.questions),
                "busiest_week": max(asked.values(), default=0),
                "a_week": round(len(self.questions) / max(1, (self.ends - self.begins).days / 7), 1),
            },
            "deaths": self.deaths,
            "unknown": sum(one.answered in ("nothing", "died") for one in self.received),
            "violations": count(self.violations),
        }


def _p95(burden: Sequence[int]) -> int:
    return sorted(burden)[min(len(burden) - 1, int(len(burden) * 0.95))] if burden else 0


def as_text(found: Simulated, prices: Mapping[str, float] = PRICES) -> str:
    """For people."""
    data = found.as_json(prices)
    wrong = {kind: number for kind, number in data["violations"].items() if number}
    lines = [
        f"{found.study}: {data['participants']} participants, {found.begins:%Y-%m-%d} to {found.ends:%Y-%m-%d}, seed {found.seed}",
        f"{data['sent']} messages: " + ", ".join(f"{number} {name}" for name, number in data["by_channel"].items()),
        f"for each person: {data['burden']['median']:g} (median), {data['burden']['p95']} (95 in 100 have no more), "
        f"{data['burden']['most']} at most",
        f"cost: about ${data['cost_usd']:.2f}",
        f"coordinators: {data['coordinators']['a_week']:g} questions a week, {data['coordinators']['busiest_week']} in the busiest",
        f"the process died {found.deaths} times; the fate of {data['unknown']} messages was unknown, and none was sent again",
        "violations: " + (", ".join(f"{kind} {number}" for kind, number in wrong.items()) or "none"),
    ]
    shown = [
        f"  {violation.kind}: person {violation.person}, {violation.at:%Y-%m-%d %H:%M} UTC, {violation.item}"
        for violation in found.violations[:20]
    ]
    return "\n".join([*lines, *shown])


def write_plots(found: Simulated, folder: Path) -> list[Path]:
    """Three SVG files: messages a week, hours of the day where people live, messages of each person."""
    folder.mkdir(parents=True, exist_ok=True)
    weeks = weeks_of(found.received, begins=found.begins)
    hours = local_hours(found.lives, found.received)
    burden = Counter(found.burden)
    plots = {
        "weeks": ("Messages in each week", {week: weeks.get(week, 0) for week in range(max(weeks, default=0) + 1)}),
        "hours": ("Messages by the hour where they live", {hour: hours.get(hour, 0) for hour in range(24)}),
        "burden": (
            "People by number of messages",
            {number: burden.get(number, 0) for number in range(max(burden, default=0) + 1)},
        ),
    }
    files = []
    for name, (title, bars) in plots.items():
        files.append(folder / f"{name}.svg")
        files[-1].write_text(_bars(title, bars), encoding="utf-8")
    return files


def _bars(title: str, bars: Mapping[int, int]) -> str:
    """A bar chart; its numbers stand in the description, for those who can't see it."""
    width, height, most = 720, 240, max(bars.values(), default=0) or 1
    step = width / max(1, len(bars))
    drawn = "".join(
        f'<rect x="{place * step:.1f}" y="{height - number / most * height:.1f}" width="{step * 0.85:.1f}" '
        f'height="{number / most * height:.1f}"/>'
        for place, number in enumerate(bars.values())
    )
    marks = "".join(
        f'<text x="{place * step:.1f}" y="{height + 16}">{label}</text>'
        for place, label in enumerate(bars)
        if place % max(1, len(bars) // 12) == 0
    )
    told = ", ".join(f"{label}: {number}" for label, number in bars.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-40 -36 {width + 60} {height + 64}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{title}</title><desc>{told}</desc>'
        f'<text x="0" y="-16" font-size="16">{title}</text><text x="-36" y="10">{most}</text>'
        f'<g fill="#00594f">{drawn}</g><path d="M0 {height}H{width}" stroke="#444"/>{marks}</svg>\n'
    )

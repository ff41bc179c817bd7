"""What the benchmark found: the ratios with the targets they are held against, one line of JSON, a table."""

import os
from dataclasses import asdict, dataclass, field
from statistics import mean, median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from service.bench.questionnaire import StepCost, growth

TARGETS = {
    "throughput_ratio": (">=", 3.0),
    "p50_ratio": ("<=", 0.5),
    "ack_ratio": ("<=", 2.5),
    "step_growth": ("<=", 4.0),
    "engine_share": ("<=", 1.0),
}
SERVICE_MB, BOT_MB = 250, 1024


@dataclass(kw_only=True)
class Side:
    """One server's blocks: a value a block. Milliseconds, turns per second, megabytes."""

    turns_per_s: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p95_ms: list[float] = field(default_factory=list)
    action_p50_ms: list[float] = field(default_factory=list)
    plain_p50_ms: list[float] = field(default_factory=list)
    bot_mb: list[tuple[float, float]] = field(default_factory=list)
    bot_cpu_ms: list[float] = field(default_factory=list)
    service_cpu_ms: list[float] = field(default_factory=list)


@dataclass(kw_only=True)
class Acknowledgements:
    """Medians a block, milliseconds: the signed webhook and the bare handler, posted in turns."""

    webhook_p50_ms: list[float] = field(default_factory=list)
    webhook_p95_ms: list[float] = field(default_factory=list)
    bare_p50_ms: list[float] = field(default_factory=list)
    bare_p95_ms: list[float] = field(default_factory=list)


@dataclass(kw_only=True)
class Soak:
    """Memory over many more turns. `slope`: MB for 1,000 turns over the second half."""

    turns: int
    turns_per_s: float
    service_mb: list[float]
    bot_mb: list[float]
    service_slope: float
    bot_slope: float


@dataclass(kw_only=True)
class Engine:
    """Questionnaires: a step by the length of the form, and milliseconds of each turn of a check-in."""

    steps: tuple[StepCost, ...]
    check_in_ms: tuple[float, ...]


@dataclass(kw_only=True)
class Result:
    """Everything measured in one run."""

    turns: int
    lanes: int
    ours: Side = field(default_factory=Side)
    stock: Side = field(default_factory=Side)
    ack: Acknowledgements = field(default_factory=Acknowledgements)
    engine: Engine
    parts_ms: list[dict[str, float]] = field(default_factory=list)
    service_mb: tuple[float, float] = (0.0, 0.0)
    different_answers: list[str] = field(default_factory=list)
    soak: Soak | None = None

    @property
    def throughput_ratio(self) -> float:
        return median(self.ours.turns_per_s) / median(self.stock.turns_per_s)

    @property
    def p50_ratio(self) -> float:
        return median(self.ours.p50_ms) / median(self.stock.p50_ms)

    @property
    def ack_ratio(self) -> float:
        return median(self.ack.webhook_p50_ms) / median(self.ack.bare_p50_ms)

    @property
    def step_growth(self) -> float:
        """How many times dearer a step is on 1,000 items than on 100."""
        return growth(self.engine.steps)

    @property
    def engine_share(self) -> float:
        """The engine's time in a turn of a check-in, next to that of understanding a message."""
        return mean(self.engine.check_in_ms) / self.parts()["understanding"]

    def parts(self) -> dict[str, float]:
        """Mean milliseconds of a turn by part, one conversation at a time."""
        return {name: mean(block[name] for block in self.parts_ms) for name in self.parts_ms[0]}

    def as_json(self) -> dict[str, Any]:
        """The ratios first, then the medians, then what every block gave."""
        found: dict[str, Any] = _rounded(
            {
                "throughput_ratio": self.throughput_ratio,
                "p50_ratio": self.p50_ratio,
                "ack_ratio": self.ack_ratio,
                "step_growth": self.step_growth,
                "engine_share": self.engine_share,
                "ours": _medians(self.ours),
                "stock": _medians(self.stock),
                "ack": _medians(self.ack),
                "parts_ms": self.parts(),
                "engine": asdict(self.engine),
                "service_mb": {"before": self.service_mb[0], "after": self.service_mb[1]},
                "different_answers": self.different_answers,
                "turns": self.turns,
                "lanes": self.lanes,
                "cpus": os.cpu_count(),
                "blocks": {"ours": asdict(self.ours), "stock": asdict(self.stock), "ack": asdict(self.ack)},
                "soak": None if self.soak is None else asdict(self.soak),
            }
        )
        return found


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """p50 and p95, in milliseconds."""
    if len(seconds) < 2:
        return seconds[0] * 1000, seconds[0] * 1000
    return median(seconds) * 1000, quantiles(seconds, n=20, method="inclusive")[-1] * 1000


def show(result: Result, out: Console) -> None:
    """The table."""
    ours, stock, ack = result.ours, result.stock, result.ack
    table = Table(title=f"{os.cpu_count()} cores; medians of alternating blocks")
    for heading in ("", "Perennial", "stock Rasa", "ratio", "target"):
        table.add_column(heading, justify="left" if not heading else "right")
    rows = (
        (f"turns/s, {result.lanes} conversations", ours.turns_per_s, stock.turns_per_s, "throughput_ratio"),
        ("one conversation, p50 ms", ours.p50_ms, stock.p50_ms, "p50_ratio"),
        ("one conversation, p95 ms", ours.p95_ms, stock.p95_ms, ""),
        ("  with an action, p50 ms", ours.action_p50_ms, stock.action_p50_ms, ""),
        ("  without, p50 ms", ours.plain_p50_ms, stock.plain_p50_ms, ""),
        ("bot, processor ms a turn", ours.bot_cpu_ms, stock.bot_cpu_ms, ""),
    )
    for name, mine, theirs, ratio in rows:
        if mine and theirs:
            table.add_row(name, f"{median(mine):.1f}", f"{median(theirs):.1f}", *_against(result, ratio))
    if ours.service_cpu_ms:
        table.add_row("service, processor ms a turn", f"{median(ours.service_cpu_ms):.1f}", "–", "", "")
    table.add_row("bot, MB before → after", _span(ours.bot_mb[-1]), _span(stock.bot_mb[-1]), "", f"≤ {BOT_MB}")
    table.add_row("service, MB before → after", _span(result.service_mb), "–", "", f"≤ {SERVICE_MB}")
    out.print(table)
    table = Table(title="The signed webhook, while turns are processed")
    for heading in ("", "webhook", "bare INSERT", "ratio", "target"):
        table.add_column(heading, justify="left" if not heading else "right")
    table.add_row(
        "acknowledged, p50 ms",
        f"{median(ack.webhook_p50_ms):.2f}",
        f"{median(ack.bare_p50_ms):.2f}",
        *_against(result, "ack_ratio"),
    )
    table.add_row("p95 ms", f"{median(ack.webhook_p95_ms):.2f}", f"{median(ack.bare_p95_ms):.2f}", "", "")
    out.print(table)
    table = Table(title="A turn by part, one conversation at a time (mean ms)")
    for name in result.parts():
        table.add_column(name.replace("_", " "), justify="right")
    table.add_row(*(f"{value:.2f}" for value in result.parts().values()))
    out.print(table)
    table = Table(title="Questionnaires, processor time")
    for heading in ("", "here", "next to", "ratio", "target"):
        table.add_column(heading, justify="left" if not heading else "right")
    short, long = result.engine.steps[0], result.engine.steps[-1]
    table.add_row(
        f"a step on {long.items:,} items against {short.items:,}, µs",
        f"{long.mean_us:.0f}",
        f"{short.mean_us:.0f}",
        *_against(result, "step_growth"),
    )
    table.add_row(
        "engine against understanding in a check-in's turn, ms",
        f"{mean(result.engine.check_in_ms):.2f}",
        f"{result.parts()['understanding']:.2f}",
        *_against(result, "engine_share"),
    )
    out.print(table)
    if result.different_answers:
        out.print(f"[red]the two servers answered differently: {', '.join(result.different_answers)}[/red]")
    if result.soak is not None:
        _show_soak(result.soak, out)


def _show_soak(soak: Soak, out: Console) -> None:
    table = Table(title=f"{soak.turns} more turns, {soak.turns_per_s:.1f} a second")
    for heading in ("MB", "first", "last", "most", "for 1,000 turns (second half)", "limit"):
        table.add_column(heading, justify="left" if heading == "MB" else "right")
    for name, seen, slope, limit in (
        ("service", soak.service_mb, soak.service_slope, SERVICE_MB),
        ("bot", soak.bot_mb, soak.bot_slope, BOT_MB),
    ):
        table.add_row(name, f"{seen[0]:.0f}", f"{seen[-1]:.0f}", f"{max(seen):.0f}", f"{slope:+.1f}", f"≤ {limit}")
    out.print(table)


def _against(result: Result, ratio: str) -> tuple[str, str]:
    if not ratio:
        return "", ""
    value: float = getattr(result, ratio)
    sign, target = TARGETS[ratio]
    met = value >= target if sign == ">=" else value <= target
    return f"[{'green' if met else 'red'}]{value:.2f}[/]", f"{'≥' if sign == '>=' else '≤'} {target}"


def _medians(side: Side | Acknowledgements) -> dict[str, Any]:
    return {
        name: list(values[-1]) if isinstance(values[0], tuple) else median(values)
        for name, values in vars(side).items()
        if values
    }


def _span(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.0f} → {pair[1]:.0f}"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list | tuple) else value

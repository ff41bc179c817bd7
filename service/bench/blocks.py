"""The blocks of the benchmark: what is posted to each server, and what is made of the answers."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean

import aiohttp

from service.bench.load import Measured
from service.bench.memory import cpu_s, rss_mb, slope
from service.bench.place import Place
from service.bench.processes import run_load
from service.bench.report import Result, Side, Soak, percentiles
from service.bench.script import LANES, Line, Step, places_of_actions, plan_conversations, rest_steps, sms_steps
from service.bench.served import BARE_PATH, DIALOGUES_PATH

SAMPLES = 20
"""Readings of the memory in a soak."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What the blocks share. `turns`: of one throughput run."""

    place: Place
    dsn: str
    service_url: str
    bot_url: str
    study: str
    turns: int
    service_pid: int
    result: Result
    answers: dict[tuple[str, int], dict[str, set[tuple[str, ...]]]]
    tell: Callable[[str], None]


async def stock_block(bench: Bench, bot_pid: int) -> None:
    """Warm up, one conversation at a time, then `LANES` at a time, against stock Rasa."""
    side, before = bench.result.stock, rss_mb(bot_pid)

    async def play(turns: int, lanes: int) -> Measured:
        plan = plan_conversations(turns, lanes=lanes)
        people = await bench.place.people([conversation[0].language for conversation in plan])
        conversations = [
            rest_steps(lines, person, turns=await bench.place.stored(lines, person), study=bench.study)
            for lines, person in zip(plan, people, strict=True)
        ]
        measured = await run_load(conversations, url=bench.bot_url, lanes=lanes)
        _note(bench, "stock", conversations, {step: tuple(keys) for step, keys in measured.said.items()})
        return measured

    bench.tell("stock Rasa: warming up")
    await play(_warm_up(bench.turns), LANES)
    bench.tell("stock Rasa: one conversation at a time")
    _latency(side, await play(_single(bench.turns), 1))
    bench.tell(f"stock Rasa: {LANES} conversations at a time")
    spent = cpu_s(bot_pid)
    measured = await play(bench.turns, LANES)
    _throughput(side, measured)
    _spent(side.bot_cpu_ms, spent, cpu_s(bot_pid), len(measured.turns))
    side.bot_mb.append((before, rss_mb(bot_pid)))


async def our_block(bench: Bench, bot_pid: int) -> None:
    """The same against the whole service, and the acknowledgements."""
    side, before = bench.result.ours, rss_mb(bot_pid)
    bench.tell("Perennial: warming up")
    await _play_ours(bench, _warm_up(bench.turns), LANES)
    bench.tell("Perennial: one conversation at a time")
    await _dialogues(bench)
    measured = await _play_ours(bench, _single(bench.turns), 1)
    _latency(side, measured)
    bench.result.parts_ms.append(_parts(measured, await _dialogues(bench)))
    bench.tell(f"Perennial: {LANES} conversations at a time")
    spent, spent_by_service = cpu_s(bot_pid), cpu_s(bench.service_pid)
    measured = await _play_ours(bench, bench.turns, LANES)
    _throughput(side, measured)
    _spent(side.bot_cpu_ms, spent, cpu_s(bot_pid), len(measured.turns))
    _spent(side.service_cpu_ms, spent_by_service, cpu_s(bench.service_pid), len(measured.turns))
    bench.tell("Perennial: acknowledgements against a bare handler")
    measured = await _play_ours(bench, bench.turns, LANES, bare=BARE_PATH)
    ack = bench.result.ack
    for seconds, p50, p95 in (
        ([acknowledged for acknowledged, _ in measured.turns], ack.webhook_p50_ms, ack.webhook_p95_ms),
        (measured.bare, ack.bare_p50_ms, ack.bare_p95_ms),
    ):
        middle, high = percentiles(seconds)
        p50.append(middle)
        p95.append(high)
    side.bot_mb.append((before, rss_mb(bot_pid)))


async def soak(bench: Bench, bot_pid: int, turns: int) -> Soak:
    """Many more turns through the service, reading the memory in between."""
    service, bot, speeds = [rss_mb(bench.service_pid)], [rss_mb(bot_pid)], []
    done, at = 0, [0.0]
    while done < turns:
        measured = await _play_ours(bench, max(1, turns // SAMPLES), LANES)
        done += len(measured.turns)
        speeds.append(measured.window_turns / measured.window_s)
        at.append(done / 1000)
        service.append(rss_mb(bench.service_pid))
        bot.append(rss_mb(bot_pid))
        bench.tell(f"soak: {done} turns, service {service[-1]:.0f} MB, bot {bot[-1]:.0f} MB")
    half = len(at) // 2
    return Soak(
        turns=done,
        turns_per_s=mean(speeds),
        service_mb=service,
        bot_mb=bot,
        service_slope=slope(list(zip(at[half:], service[half:], strict=True))),
        bot_slope=slope(list(zip(at[half:], bot[half:], strict=True))),
    )


async def _play_ours(bench: Bench, turns: int, lanes: int, *, bare: str = "") -> Measured:
    plan = plan_conversations(turns, lanes=lanes)
    people = await bench.place.people([conversation[0].language for conversation in plan])
    conversations = [
        sms_steps(lines, person, public_url=bench.service_url) for lines, person in zip(plan, people, strict=True)
    ]
    measured = await run_load(conversations, url=bench.service_url, lanes=lanes, dsn=bench.dsn, bare=bare)
    sids = [step.id for conversation in conversations for step in conversation]
    _note(bench, "ours", conversations, await bench.place.answers(sids))
    return measured


def _note(bench: Bench, side: str, conversations: list[list[Step]], said: dict[str, tuple[str, ...]]) -> None:
    """Keep what was answered to each line; the answers of both sides must be the same, or the race means nothing."""
    for conversation in conversations:
        for step in conversation:
            line: Line = step.line
            answers = bench.answers.setdefault((line.language, line.place), {"ours": set(), "stock": set()})
            answers[side].add(said.get(step.id, ()))


async def _dialogues(bench: Bench) -> list[dict[str, float]]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(bench.service_url + DIALOGUES_PATH) as response,
    ):
        seen: list[dict[str, float]] = await response.json()
        return seen


def _parts(measured: Measured, dialogues: list[dict[str, float]]) -> dict[str, float]:
    bot = {name: mean(seen[name] for seen in dialogues) for name in ("understanding", "policy", "actions", "total")}
    call = mean(seen["call"] for seen in dialogues)
    acknowledged = mean(turn[0] for turn in measured.turns) * 1000
    total = mean(turn[1] for turn in measured.turns) * 1000
    named = bot["understanding"] + bot["policy"] + bot["actions"]
    return {
        "acknowledge": acknowledged,
        "understanding": bot["understanding"],
        "policy": bot["policy"],
        "actions": bot["actions"],
        "bot_rest": bot["total"] - named,
        "call_of_bot": call - bot["total"],
        "storage": total - acknowledged - call,
        "total": total,
    }


def _latency(side: Side, measured: Measured) -> None:
    p50, p95 = percentiles([total for _, total in measured.turns])
    side.p50_ms.append(p50)
    side.p95_ms.append(p95)
    actions = places_of_actions()
    for wanted, values in ((True, side.action_p50_ms), (False, side.plain_p50_ms)):
        pairs = zip(measured.turns, measured.places, strict=True)
        seconds = [total for (_, total), place in pairs if (place in actions) is wanted]
        if seconds:
            values.append(percentiles(seconds)[0])


def _throughput(side: Side, measured: Measured) -> None:
    side.turns_per_s.append(measured.window_turns / measured.window_s)


def _spent(values: list[float], before: float | None, after: float | None, turns: int) -> None:
    if before is not None and after is not None:
        values.append((after - before) * 1000 / turns)


def _warm_up(turns: int) -> int:
    return min(80, turns)


def _single(turns: int) -> int:
    return max(10, turns // 4)

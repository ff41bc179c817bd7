"""Three pictures as inline SVG: no drawing library to start, nothing to load, sharp on paper, dark mode included."""

from __future__ import annotations

from html import escape
from typing import Dict, List, Sequence, Tuple

_SIZE, _EDGE = 320, 40
_STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)


def reliability_plot(bars: Sequence[Dict[str, float]]) -> str:
    """Share right against confidence; on the dotted line the two agree. The larger a dot, the more texts."""
    most = max((bar["count"] for bar in bars), default=1)
    points = [(bar["confidence"], bar["right"]) for bar in bars]
    dots = "".join(
        f'<circle class="a" cx="{_x(bar["confidence"]):.1f}" cy="{_y(bar["right"]):.1f}" '
        f'r="{3 + 7 * (bar["count"] / most) ** 0.5:.1f}"><title>{int(bar["count"])} texts</title></circle>'
        for bar in bars
    )
    return _frame("confidence", "share right", _line([(0, 0), (1, 1)], "g") + _line(points, "a") + dots)


def threshold_plot(curve: Sequence[Dict[str, float]], chosen: float) -> str:
    """What each threshold answers, how much of it is right, and how much out of scope slips through."""
    lines = [
        _line([(point["threshold"], point[name]) for point in curve], style)
        for name, style in (("answered", "a"), ("right_of_answered", "b"), ("out_of_scope_answered", "c"))
    ]
    mark = f'<line class="g" x1="{_x(chosen):.1f}" x2="{_x(chosen):.1f}" y1="{_y(0):.1f}" y2="{_y(1):.1f}"/>'
    words = (("a", "answered"), ("b", "right of answered"), ("c", "out of scope answered"))
    key = "".join(
        f'<text class="{style}" x="{_EDGE + 8}" y="{_SIZE - _EDGE - 46 + 14 * row}">{word}</text>'
        for row, (style, word) in enumerate(words)
    )
    return _frame("threshold", "share", "".join(lines) + mark + key)


def confusion_plot(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Rows are right, columns predicted, shade is the share of the row; each cell names itself."""
    cell, left = 11, 230
    width, height = left + cell * len(labels), cell * len(labels) + 8
    cells: List[str] = []
    for row, line in enumerate(counts):
        total = max(sum(line), 1)
        y = cell * row
        cells.append(f'<text x="{left - 4}" y="{y + 9}" text-anchor="end">{escape(labels[row])}</text>')
        cells.extend(
            f'<rect class="{"a" if row == column else "c"}" x="{left + cell * column}" y="{y}" width="{cell - 1}" '
            f'height="{cell - 1}" opacity="{max(count / total, 0.08):.2f}"><title>{escape(labels[row])} as '
            f"{escape(labels[column])}: {count}</title></rect>"
            for column, count in enumerate(line)
            if count
        )
    return f'<svg viewBox="0 0 {width} {height}" style="max-width:{width}px" role="img">{"".join(cells)}</svg>'


def _x(value: float) -> float:
    return _EDGE + value * (_SIZE - 2 * _EDGE + 20)


def _y(value: float) -> float:
    return _SIZE - _EDGE - value * (_SIZE - 2 * _EDGE + 20)


def _line(points: Sequence[Tuple[float, float]], style: str) -> str:
    path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    return f'<polyline class="{style}" points="{path}"/>'


def _frame(across: str, up: str, inner: str) -> str:
    ticks = "".join(
        f'<text x="{_x(step):.0f}" y="{_SIZE - _EDGE + 14}" text-anchor="middle">{step:g}</text>'
        f'<text x="{_EDGE - 5}" y="{_y(step) + 3:.0f}" text-anchor="end">{step:g}</text>'
        f'<line class="f" x1="{_x(0):.0f}" x2="{_x(1):.0f}" y1="{_y(step):.0f}" y2="{_y(step):.0f}"/>'
        for step in _STEPS
    )
    words = (
        f'<text x="{_SIZE / 2}" y="{_SIZE - 8}" text-anchor="middle">{across}</text>'
        f'<text x="10" y="{_SIZE / 2}" text-anchor="middle" transform="rotate(-90 10 {_SIZE / 2})">{up}</text>'
    )
    return f'<svg viewBox="0 0 {_SIZE} {_SIZE}" style="max-width:{_SIZE}px" role="img">{ticks}{words}{inner}</svg>'

"""The report as Markdown (to read in a review) and as one HTML file with its pictures inside (to read anywhere)."""

from __future__ import annotations

from html import escape
from typing import Any, Dict, List, Mapping, Optional

from report.plots import confusion_plot, reliability_plot, threshold_plot

_STYLE = """
:root{--ink:#1c2b33;--paper:#fff;--a:#00695c;--b:#1565c0;--c:#b71c1c;--f:#dfe5e8}
@media(prefers-color-scheme:dark){:root{--ink:#dde6ea;--paper:#11191d;--a:#4db6ac;--b:#64b5f6;--c:#ef9a9a;--f:#2a363c}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:62rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem;border-bottom:1px solid var(--f);text-align:left}
td+td,th+th{text-align:right}svg{font:10px system-ui;fill:var(--ink);width:100%}.plots{display:flex;flex-wrap:wrap;gap:1rem}
.plots>div{flex:1 1 18rem}polyline{fill:none;stroke-width:2}polyline.a{stroke:var(--a)}polyline.b{stroke:var(--b)}
polyline.c{stroke:var(--c)}polyline.g,line.g{stroke:var(--ink);stroke-dasharray:2 4;stroke-width:1}line.f{stroke:var(--f)}
circle.a,rect.a,text.a{fill:var(--a)}text.b{fill:var(--b)}rect.c,text.c{fill:var(--c)}
"""

_WORST = 15


def _share(value: Optional[float]) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def tables(found: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """The report's tables in order: a title, a head, rows of strings, and what to know about them."""
    result = []
    if "sets" in found:
        rows = [
            [name, _share(each["in_scope_accuracy"]), _auc(each["oos_auc"])] for name, each in found["sets"].items()
        ]
        result.append(_table("Benchmark", ["set", "in-scope accuracy", "out-of-scope AUC"], rows))
    for language, each in found.get("languages", {}).items():
        result += _language_tables(language, each, found["bounds"])
    if "safety" in found:
        rows = [
            [
                f"{each['language']}: {'harmless, left alone' if each['kind'] == 'none' else each['kind']}",
                str(each["texts"]),
                _share(each["right"]),
                _share(each["patterns"]),
            ]
            for each in found["safety"]
        ]
        head = ["statements not taught", "statements", "both judges right", "patterns alone right"]
        result.append(_table("Safety triage", head, rows))
    if "parse" in found:
        result.append(_speed_table(found))
    return result


def _speed_table(found: Mapping[str, Any]) -> Dict[str, Any]:
    parse, training = found["parse"], found.get("training", {})
    rows = [
        ["a parse, median", f"{parse['parse_ms']:.1f} ms"],
        ["a bare MiniLM pass of the same text, median", f"{parse['minilm_ms']:.1f} ms"],
        ["parse by pass", f"{parse['ratio']:.2f}"],
    ]
    if training:
        rows.append(["training the full bot", f"{training['full_bot_s']:.0f} s"])
    if "ratio" in training:
        stopped = bool(training["diet_stopped"])
        rows.append(
            ["Rasa's default DIET pipeline", f"{'stopped after ' if stopped else ''}{training['diet_s']:.0f} s"]
        )
        rows.append(["training by DIET's", f"{'below ' if stopped else ''}{training['ratio']:.2f}"])
    return _table("Speed", ["what", "measured"], rows)


def _language_tables(language: str, each: Mapping[str, Any], bounds: Mapping[str, float]) -> List[Dict[str, Any]]:
    pairs, overlap = each["pairs"], each["overlap"]
    rows = [
        ["texts", str(each["texts"])],
        ["intents and topics", str(each["intents"])],
        ["accuracy", _share(each["accuracy"])],
        ["macro F1", f"{each['macro_f1']:.3f}"],
        ["calibration error", f"{each['calibration_error']:.3f}"],
        [f"answered (threshold {bounds['threshold']}, margin {bounds['margin']})", _share(each["answered"])],
        ["right of what is answered", _share(each["right_of_answered"])],
        ["out of scope, yet answered", _share(each["out_of_scope_answered"])],
        ["out-of-scope AUC", _auc(each["out_of_scope_auc"])],
        ["two topics joined: both answered", _share(pairs["both_answered"])],
        ["one topic: a second one answered", _share(pairs["single_answered_twice"])],
        ["examples with a near-copy", _share(overlap["near_copies"])],
        ["examples in the same words as another", _share(overlap["same_words"])],
    ]
    worst = sorted(each["by_intent"].items(), key=lambda entry: entry[1]["f1"])[:_WORST]
    weak = [
        [name, str(values["texts"]), f"{values['precision']:.2f}", f"{values['recall']:.2f}", f"{values['f1']:.2f}"]
        for name, values in worst
    ]
    mixed = sorted(
        (
            (count, right, predicted)
            for right, line in zip(each["confusion"]["labels"], each["confusion"]["counts"])
            for predicted, count in zip(each["confusion"]["labels"], line)
            if right != predicted and count
        ),
        reverse=True,
    )[:_WORST]
    return [
        _table(
            f"Language: {language}", ["cross-validation, near-copies kept together", "measured"], rows, each, bounds
        ),
        _table(f"{language}: the weakest", ["intent", "texts", "precision", "recall", "F1"], weak),
        _table(
            f"{language}: most often mixed up",
            ["right", "predicted", "texts"],
            [[right, predicted, str(count)] for count, right, predicted in mixed],
        ),
    ]


def _auc(value: Optional[float]) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(
    title: str,
    head: List[str],
    rows: List[List[str]],
    language: Optional[Mapping[str, Any]] = None,
    bounds: Optional[Mapping[str, float]] = None,
) -> Dict[str, Any]:
    return {"title": title, "head": head, "rows": rows, "language": language, "bounds": bounds}


def markdown(found: Mapping[str, Any]) -> str:
    """The whole report, tables only."""
    lines = ["# What the assistant understands", "", f"Pipeline: {found['config']}", ""]
    for table in tables(found):
        lines += [f"## {table['title']}", "", "| " + " | ".join(table["head"]) + " |"]
        lines += ["|" + "---|" * len(table["head"])]
        lines += ["| " + " | ".join(row) + " |" for row in table["rows"]]
        lines.append("")
    return "\n".join(lines)


def html(found: Mapping[str, Any]) -> str:
    """The whole report with pictures; one file, nothing to fetch."""
    body = [f"<h1>What the assistant understands</h1><p>Pipeline: {escape(found['config'])}</p>"]
    for table in tables(found):
        head = "".join(f"<th>{escape(cell)}</th>" for cell in table["head"])
        rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table["rows"])
        body.append(f"<h2>{escape(table['title'])}</h2><table><tr>{head}</tr>{rows}</table>")
        if table["language"]:
            body.append(_plots(table["language"], table["bounds"]))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>What the assistant understands</title>'
        f"<style>{_STYLE}</style>{''.join(body)}</html>\n"
    )


def _plots(language: Mapping[str, Any], bounds: Mapping[str, float]) -> str:
    curves = (
        f"<div><h3>Can its confidence be believed?</h3>{reliability_plot(language['reliability'])}</div>"
        f"<div><h3>What a threshold does</h3>{threshold_plot(language['curve'], bounds['threshold'])}</div>"
    )
    matrix = confusion_plot(language["confusion"]["labels"], language["confusion"]["counts"])
    return f'<div class="plots">{curves}</div><h3>What is taken for what</h3>{matrix}'

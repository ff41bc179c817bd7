"""The report's numbers, on cases that can be counted by hand; and the formats it reads."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from report.examples import Examples, NotABenchmark, is_out_of_scope, read_benchmark, read_languages
from report.overlap import check_examples, labels_by_text
from report.pages import html, markdown
from report.scores import accuracy, auc, calibration_error, confusion, macro_f1, reliability, threshold_curve

BOT = Path(__file__).resolve().parents[1]


def test_scores():
    right, predicted = ["a", "a", "b", "c"], ["a", "b", "b", "c"]
    assert accuracy(right, predicted) == 0.75
    assert macro_f1(right, predicted) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    labels, counts = confusion(right, predicted)
    assert labels == ["a", "b", "c"]
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_auc_counts_ties_half():
    assert auc(np.array([0.9, 0.8]), np.array([0.1, 0.8])) == pytest.approx(3.5 / 4)
    assert np.isnan(auc(np.array([]), np.array([0.1])))


def test_calibration():
    confidence, hit = np.array([0.95, 0.95, 0.15, 1.0]), np.array([True, False, False, True])
    assert [bar.count for bar in reliability(confidence, hit)] == [1, 3]
    assert calibration_error(confidence, hit) == pytest.approx((3 * abs(2.9 / 3 - 2 / 3) + 0.15) / 4)


def test_threshold():
    everything = np.array([True, True, True, True])
    in_scope = np.array([True, True, False, False])
    points = threshold_curve(
        np.array([0.9, 0.4, 0.6, 0.1]), np.ones(4), np.array([True, False, False, False]), in_scope, everything, 0.05
    )
    half = points[10]
    assert (half.threshold, half.answered, half.right_of_answered, half.out_of_scope_answered) == (0.5, 0.5, 1.0, 0.5)


def write_set(folder, name, rows):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("sentence,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows), "utf-8")


QUESTIONS = [(f"{word} {ending}", word) for word in ("cost", "data") for ending in ("now", "here", "please", "ok", "?")]


def benchmark(tmp_path):
    for name in ("shop_train.csv", "shop_subset_train.csv"):
        write_set(tmp_path / "train", name, QUESTIONS)
    write_set(tmp_path / "train", "lonely_train.csv", QUESTIONS)
    rows = [("cost today", "cost"), ("my data", "data"), ("zzz, qqq", "NO_NODES_DETECTED")]
    write_set(tmp_path / "test", "shop_test.csv", rows)
    return tmp_path


def test_a_subset_is_asked_the_test_of_its_set(tmp_path):
    sets = read_benchmark(benchmark(tmp_path))
    assert [(each.name, len(each.test.texts)) for each in sets] == [("shop", 3), ("shop_subset", 3)]
    assert sets[0].test.texts[2] == "zzz, qqq"
    assert is_out_of_scope("no_nodes_detected")
    assert not is_out_of_scope("cost")


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(NotABenchmark):
        read_benchmark(tmp_path)


def run_report(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "report", *map(str, arguments)], cwd=BOT, capture_output=True, text=True, check=False
    )


def test_a_benchmark_from_the_command_line(tmp_path):
    done = run_report("--data", benchmark(tmp_path), "--config", BOT.parent / "config.sparse.yml")
    assert done.returncode == 0, done.stderr
    sets = json.loads(done.stdout)["sets"]
    assert sets["shop"] == {"in_scope_accuracy": 1.0, "oos_auc": 1.0}
    assert sets["shop_subset"] == sets["shop"]


def test_training_sets_alone_are_cross_validated(tmp_path):
    write_set(tmp_path / "train", "shop_train.csv", QUESTIONS)
    done = run_report("--data", tmp_path, "--config", BOT.parent / "config.sparse.yml")
    assert json.loads(done.stdout)["sets"] == {"shop": {"in_scope_accuracy": 1.0, "oos_auc": None}}


def test_what_cannot_be_read_is_said_in_one_line(tmp_path):
    done = run_report("--data", tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_overlap_names_what_is_lacking():
    english = Examples(
        ["what does it cost", "what does it cost me", "hello", "Hello"], ["cost", "cost", "greet", "bye"]
    )
    spanish = Examples(["hola"], ["greet"])
    found = check_examples({"en": english, "es": spanish})
    assert found["en"]["near_copies"] == 1.0
    assert found["en"]["two_intents"] == {"hello": ["bye", "greet"]}
    assert found["es"]["lacking"] == {"bye": 0, "cost": 0, "greet": 1}
    assert found["es"]["near_copies"] == 0


def test_one_text_under_two_intents_is_named_whatever_its_language_and_punctuation():
    found = check_examples(
        {"en": Examples(["later", "?"], ["bye", "miss"]), "es": Examples(["¡Láter!", "!"], ["snooze", "miss"])}
    )
    assert found["en"]["two_intents"] == {"later": ["bye", "snooze"]}
    assert found["es"]["two_intents"] == {"later": ["bye", "snooze"]}


def test_none_of_our_own_examples_stands_under_two_intents():
    labels = labels_by_text(read_languages(BOT.parent / "data" / "nlu"))
    assert len(labels) > 10_000
    assert {text: both for text, both in labels.items() if len(both) > 1} == {}


def test_pages_show_what_was_found():
    curve = [{"threshold": 0.0, "answered": 1.0, "right_of_answered": 0.5, "out_of_scope_answered": 1.0}]
    language = {
        "texts": 2, "intents": 2, "accuracy": 0.5, "macro_f1": 0.333, "calibration_error": 0.1, "answered": 1.0,
        "right_of_answered": 0.5, "out_of_scope_answered": None, "out_of_scope_auc": 0.5, "curve": curve,
        "reliability": [{"confidence": 0.6, "right": 0.5, "count": 2}],
        "pairs": {"asked": 0, "both_answered": None, "single_answered_twice": None},
        "overlap": {"near_copies": 0.0, "same_words": 0.0},
        "by_intent": {"<a>": {"precision": 0.5, "recall": 1.0, "f1": 0.67, "texts": 1}},
        "confusion": {"labels": ["<a>", "b"], "counts": [[1, 0], [1, 0]]},
    }  # fmt: skip
    found = {
        "config": "config.yml",
        "bounds": {"threshold": 0.3, "margin": 0.05, "part": 0.5},
        "languages": {"en": language},
        "parse": {"parse_ms": 8.0, "minilm_ms": 6.0, "ratio": 1.33, "texts": 10},
        "training": {"full_bot_s": 60.0, "diet_s": 240.0, "ratio": 0.25, "diet_stopped": 1.0},
        "safety": [{"language": "en", "kind": "none", "texts": 9, "right": 0.98, "patterns": 0.9}],
    }
    page, text = html(found), markdown(found)
    assert page.count("<svg") == 3
    assert "&lt;a&gt;" in page
    assert "| macro F1 | 0.333 |" in text
    assert "| b | <a> | 1 |" in text
    assert "below 0.25" in text
    assert "| en: harmless, left alone | 9 | 98.0 % | 90.0 % |" in text

"""The network: what it learns, its slopes against differences, the projection of n-grams."""

import numpy as np
import pytest

from components import perceptron
from components.logistic import stack_rows
from components.perceptron import Projection, fit_perceptron

OPTIONS = {"hidden": 64, "epochs": 5, "steps": 1500}


def test_it_learns_what_no_line_parts():
    random = np.random.default_rng(0)
    points = random.normal(size=(400, 2)).astype(np.float32)
    target = ((points[:, 0] > 0) ^ (points[:, 1] > 0)).astype(int)
    network = fit_perceptron(points[:300], target[:300], 2, np.ones(300), OPTIONS)
    assert (network.scores(points[300:]).argmax(axis=1) == target[300:]).mean() > 0.9


def test_the_same_data_make_the_same_network():
    points = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
    one, other = (fit_perceptron(points, np.arange(50) % 3, 3, np.ones(50), OPTIONS) for _ in range(2))
    assert all(np.array_equal(mine, its) for mine, its in zip(one, other))


def test_emphasis_decides_where_the_same_text_has_two_labels():
    points = np.ones((40, 2), dtype=np.float32)
    emphasis = np.where(np.arange(40) % 2, 1.8, 0.2)
    assert fit_perceptron(points, np.arange(40) % 2, 2, emphasis, OPTIONS).scores(points[0]).argmax() == 1


def test_slopes_equal_differences(monkeypatch):
    monkeypatch.setattr(perceptron, "_mask", lambda shape, silent, random: np.ones(tuple(shape)))
    random = np.random.default_rng(2)
    network = [random.normal(size=shape) for shape in ((4, 6), (6,), (6, 3), (3,))]
    inputs, target, emphasis = random.normal(size=(5, 4)), np.array([0, 1, 2, 0, 1]), np.array([1, 2, 0.5, 1, 0.5])

    def cost():
        scores = perceptron.Perceptron(*network).scores(inputs)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        wanted = np.full((5, 3), perceptron._SMOOTHING / 3)
        wanted[np.arange(5), target] += 1 - perceptron._SMOOTHING
        return -float((emphasis[:, None] * wanted * logs).sum()) / 5

    slopes = perceptron._slopes(network, inputs, target, emphasis, random)
    for weights, slope in zip(network, slopes):
        place = tuple(0 for _ in weights.shape)
        before = weights[place]
        weights[place] = before + 1e-5
        up = cost()
        weights[place] = before - 1e-5
        down = cost()
        weights[place] = before
        assert (up - down) / 2e-5 == pytest.approx(slope[place], abs=1e-5)


def test_projection_keeps_likeness():
    projection = Projection(5000, 1024)
    rows = [(np.arange(start, start + 30), np.ones(30, dtype=np.float32) / 30**0.5) for start in (0, 10, 2000)]
    nothing = (np.array([], dtype=np.int64), np.array([], dtype=np.float32))
    one, near, far, none = projection(stack_rows([*rows, nothing], 5000))
    assert one @ one == pytest.approx(1, abs=0.2)
    assert one @ near == pytest.approx(2 / 3, abs=0.2)
    assert one @ far == pytest.approx(0, abs=0.2)
    assert np.array_equal(none, np.zeros(1024))

"""The kernel machine: it finds the optimum, bends where a plane cannot, and forgets what never counted."""

import numpy as np
import pytest

from components.kernel import FAR, Machine, Space

COST = 2.0


def rings(count=60):
    """Points on a small ring (positive) and on a wide one."""
    chance = np.random.default_rng(0)
    angles, radius = chance.uniform(0, 2 * np.pi, count), np.where(np.arange(count) % 2, 0.4, 1.2)
    return (radius[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])).astype(np.float32), radius < 1


@pytest.fixture
def machine():
    points, positive = rings()
    return Machine.fit(points, positive[:, None], np.full((len(points), 1), COST), 1.0)


def test_what_no_plane_parts_is_parted(machine):
    points, positive = rings()
    assert ((machine.sums(points)[:, 0] > 0) == positive).all()
    assert machine.sums(np.zeros((1, 2), np.float32))[0, 0] > 0


def test_what_lies_near_nothing_is_none_of_it(machine):
    assert machine.sums(np.full((1, 2), 9, np.float32))[0, 0] == pytest.approx(FAR, abs=1e-3)


def test_the_optimum_is_reached():
    points, positive = rings()
    positive = np.where(np.arange(len(points)) % 7 == 0, ~positive, positive)  # some can only be got wrong
    machine = Machine.fit(points, positive[:, None], np.full((len(points), 1), COST), 1.0)
    margins = machine.sums(machine.points)[:, 0] * np.sign(machine.weights[:, 0])
    bounded = np.abs(machine.weights[:, 0]) >= COST - 1e-6
    assert bounded.any()
    assert (margins[bounded] < 1.2).all()
    assert margins[~bounded] == pytest.approx(1, abs=0.2)


def test_a_text_that_costs_more_is_got_right():
    points = np.array([[0, 0], [0.01, 0], [1, 1]], dtype=np.float32)
    positive = np.array([[True], [False], [False]])
    for dear, sign in ((0, 1), (1, -1)):
        costs = np.full((3, 1), 0.2)
        costs[dear] = 5
        assert np.sign(Machine.fit(points, positive, costs, 1.0).sums(points[:1])[0, 0]) == sign


def test_each_encoder_counts_by_its_length():
    vectors = np.random.default_rng(1).normal(5, [1] * 4 + [100] * 6, (50, 10)).astype(np.float32)
    space = Space.fit(vectors, [("e5", 4), ("use", 6)], {"e5": 1.0, "use": 0.5}, 10)
    assert np.linalg.norm(space.place(vectors), axis=1) == pytest.approx(np.sqrt(1.25), abs=1e-3)
    fewer = Space.fit(vectors, [("e5", 4), ("use", 6)], {"e5": 1.0, "use": 0.5}, 3)
    assert fewer.place(vectors).shape == (50, 3)

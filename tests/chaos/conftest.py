"""Every test below this folder kills, drops or repeats; each leaves no violation of Twilio's schema behind."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.chaos.crowd")

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.chaos)

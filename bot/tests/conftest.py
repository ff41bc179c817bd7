"""Tests of the bot run with its own Python: `cd bot && .venv/bin/python -m pytest`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import surroundings

surroundings.prepare()

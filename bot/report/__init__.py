"""Measures the understanding: `python -m report` in bot/, called by `perennial nlu report`."""

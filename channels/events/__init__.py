"""Events from outside: a laboratory, a kit courier, a trial site report what happened, by HTTP or in a table.

The shapes are in `model.py`; both ways in read the same ones. See docs/events-api.md.
"""

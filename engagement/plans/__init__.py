"""Plans: what a study's participants are written by the clock, as plans.yml says it, and when each of them is due. Pure."""

from engagement.plans.loading import load_plan
from engagement.plans.model import Caps, Experiment, Item, Limits, Plan, Quiet, Variant
from engagement.plans.planning import Anchor, Facts, Occurrence, Planned, plan_touchpoints, why_needless

__all__ = [
    "Anchor",
    "Caps",
    "Experiment",
    "Facts",
    "Item",
    "Limits",
    "Occurrence",
    "Plan",
    "Planned",
    "Quiet",
    "Variant",
    "load_plan",
    "plan_touchpoints",
    "why_needless",
]

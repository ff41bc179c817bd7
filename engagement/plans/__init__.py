"""Plans: what a study's participants are written by the clock, as plans.yml says it, and when each of them is due. Pure."""

from engagement.plans.loading import load_plan
from engagement.plans.model import Caps, Item, Limits, Plan, Quiet
from engagement.plans.planning import Anchor, Facts, Occurrence, Planned, plan_touchpoints, why_needless

__all__ = [
    "Anchor",
    "Caps",
    "Facts",
    "Item",
    "Limits",
    "Occurrence",
    "Plan",
    "Planned",
    "Quiet",
    "load_plan",
    "plan_touchpoints",
    "why_needless",
]

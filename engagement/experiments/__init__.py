"""Trials within: wording and timing variants, assigned at random, read out by intention to treat.

arm = await assign_arm(connection, design, participant, {"language": "es", "channel": "sms"}, at=now, counts_from=due)
results = await read_report(connection, design, at=now)
"""

from engagement.experiments.assigning import assign_arm, read_arms
from engagement.experiments.design import Arm, Design
from engagement.experiments.report import REPLIED, ArmResult, read_report

__all__ = ["REPLIED", "Arm", "ArmResult", "Design", "assign_arm", "read_arms", "read_report"]

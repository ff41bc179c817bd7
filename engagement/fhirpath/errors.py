"""What goes wrong with an expression."""

from engagement.errors import EngagementError


class BadExpression(EngagementError):
    """An expression is not FHIRPath, or uses what is not supported."""


class ExpressionFailed(EngagementError):
    """An expression has no value for this data (FHIRPath N1: "the evaluator signals an error")."""


class BudgetSpent(ExpressionFailed):
    """An expression took more work than it may."""

"""FHIRPath (N1, the part that Questionnaires and criteria use) under a budget, with the time passed in.

Not fhirpathpy: that reads the clock, evaluates a `where` twice, guesses on after a syntax error and can't be stopped. The tests hold
this evaluator against it, expression by expression.
"""

from engagement.fhirpath.budget import Budget
from engagement.fhirpath.environment import Environment
from engagement.fhirpath.errors import BadExpression, BudgetSpent, ExpressionFailed
from engagement.fhirpath.evaluate import evaluate, truth
from engagement.fhirpath.moments import Moment
from engagement.fhirpath.nodes import Amount, Fragment, Item, Node
from engagement.fhirpath.parse import Expr, parse_expression
from engagement.fhirpath.reads import Reads, reads_of

__all__ = [
    "Amount",
    "BadExpression",
    "Budget",
    "BudgetSpent",
    "Environment",
    "Expr",
    "ExpressionFailed",
    "Fragment",
    "Item",
    "Moment",
    "Node",
    "Reads",
    "evaluate",
    "parse_expression",
    "reads_of",
    "truth",
]

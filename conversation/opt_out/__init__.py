"""What people say about being written to (stop, start, help), judged before anything else.

Carriers' rules ask that set words work alone (`keyword`), the TCPA (47 CFR 64.1200(a)(10)) that consent can be
revoked "in any reasonable manner": `judge_opt_out` reads free text. All of it runs without Rasa, model or network.
"""

from conversation.opt_out.free_text import OptOutVerdict, judge_opt_out, keep, narrowed
from conversation.opt_out.keywords import Keyword, keyword

__all__ = ["Keyword", "OptOutVerdict", "judge_opt_out", "keep", "keyword", "narrowed"]

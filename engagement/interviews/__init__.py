"""Interviews: a questionnaire asked in a conversation, one message at a time, over days and channels.

`begin` and `hear` are pure: an interview and a text in, the next interview and what to say out. `taking` ties them to the
database, once for each message.
"""

from engagement.interviews.hearing import Heard, hear
from engagement.interviews.interview import Interview, begin, forget, go_on, is_over
from engagement.interviews.left_open import LeftOpen, find_left_open, list_left_open
from engagement.interviews.lines import Line
from engagement.interviews.moving import move_to_webchat
from engagement.interviews.questions import question_lines
from engagement.interviews.taking import PENDING, Outcome, Topic, answer_interview, start_interview

__all__ = [
    "PENDING",
    "Heard",
    "Interview",
    "LeftOpen",
    "Line",
    "Outcome",
    "Topic",
    "answer_interview",
    "begin",
    "find_left_open",
    "forget",
    "go_on",
    "hear",
    "is_over",
    "list_left_open",
    "move_to_webchat",
    "question_lines",
    "start_interview",
]

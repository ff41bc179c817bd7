"""Cohorts: saved questions about participants, answered one by one with the reason.

question = read_question(text)
async for people in read_people(database, at=now):
    matches = [match(question, person, at=now) for person in people]
"""

from engagement.cohorts.matching import Match, match
from engagement.cohorts.person import Person
from engagement.cohorts.question import BadCohort, Clause, read_question
from engagement.cohorts.reading import read_people, read_person

__all__ = ["BadCohort", "Clause", "Match", "Person", "match", "read_people", "read_person", "read_question"]

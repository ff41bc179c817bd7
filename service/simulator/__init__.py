"""The simulator: a study's outreach over months in minutes, against made-up people and providers that fail.

What plans, decides, queues and sends is the service's own (scheduler/, conversation/gate.py, conversation/deliver.py) on a real
database. Made up are the clock, the people and the providers. What came of it is judged by a checker that reads the plan for
itself and looks at what the providers received, never at the outbox.
"""

"""The coordinators' web application: who waits, what was said, answer, close. For now one list and one page."""

"""How turns come into Rasa."""

"""The web pages on which a consent document is read and signed. No script runs on them: what is signed is what was sent."""

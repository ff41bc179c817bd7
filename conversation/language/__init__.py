"""Which language a participant writes, and how their words are made comparable."""

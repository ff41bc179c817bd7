"""The dialogue's side of each use case: what Rasa calls when knowing or doing something needs the database. Thin."""

"""Where Rasa keeps conversations between turns."""

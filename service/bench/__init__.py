"""`perennial bench`: what a turn and an acknowledgement cost, against stock Rasa and a bare handler, side by side."""

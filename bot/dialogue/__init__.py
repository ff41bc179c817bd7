"""The deciding half of the bot: one turn through Rasa's policies and actions, without what a turn does not need."""

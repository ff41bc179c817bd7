"""The understanding half of the bot: components that Rasa loads by module path from config.yml."""

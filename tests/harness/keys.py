"""The secrets of a test run: made here, worth nothing elsewhere."""

import secrets

BOT_TOKEN = secrets.token_urlsafe(24)
SECRET_KEY = secrets.token_urlsafe(24)

"""The demo: the real service with a fake outside world (Twilio, a mail server) on this machine, and pages to play it."""

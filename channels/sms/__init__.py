"""SMS over Twilio: signed webhooks in, one request out, and the texts cut to what a phone network carries."""

"""The e-mail channel: raw mail in by SMTP or LMTP, threaded mail out, and the judgement of what a mail is in between."""

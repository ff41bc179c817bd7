"""The e-mail channel: raw mail in by SMTP or LMTP, the judgement of what it is, threaded mail out."""

"""Reading and signing a consent document on the web: who may, what is recorded, the copy, and the proof that nothing changed.

A conversation asks for it and says the link, `House.document_link(request)`; a new request makes the one before useless:

    request = await open_request(connection, participant, study=slug, version="1.0", may_sign=True, at=at,
                                 answers={"genetic_testing": True})     # what was said; the page asks again, filled in

`may_sign=False` lets the document be read. Who opens the link proves with a code that it is theirs, and once more on signing.
`conversation.signed` does what follows from a signature: permissions, the stage, the copy, what is said.
"""

from engagement.signatures.record import SignatureRecord
from engagement.signatures.requests import SigningRequest, open_request, read_request
from engagement.signatures.verifying import verify_signatures

__all__ = ["SignatureRecord", "SigningRequest", "open_request", "read_request", "verify_signatures"]

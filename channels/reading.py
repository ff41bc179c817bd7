"""Reading a request's body under a limit that neither a false length nor compression gets round."""

from aiohttp import web


class BodyTooLarge(Exception):
    """The body has more octets than are read. `size`: as many as were declared, or seen."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


async def read_body(request: web.Request, *, limit: int) -> bytes:
    """The body, counted as it comes (decompressed). Raises `BodyTooLarge`."""
    declared = request.content_length
    if declared is not None and declared > limit:
        raise BodyTooLarge(declared)
    parts: list[bytes] = []
    size = 0
    while part := await request.content.readany():
        size += len(part)
        if size > limit:
            raise BodyTooLarge(max(size, declared or 0))
        parts.append(part)
    return b"".join(parts)

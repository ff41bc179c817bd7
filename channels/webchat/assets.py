"""Static files under an address that names their content, so that browsers keep them for a year and never too long.

The version stands in the path, not the query: modules that import each other by relative address stay together.
"""

import hashlib
import mimetypes
from pathlib import Path

from aiohttp import web

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class AssetFolder:
    """The files of one folder (and folders below), read once, served under `<prefix>/<version>/<name>`."""

    def __init__(self, folder: Path, *, prefix: str) -> None:
        self._prefix = prefix
        self._files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        digest = hashlib.sha256()
        for name, content in self._files.items():
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        self.version = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file. `KeyError` when there is none: a wrong name fails when the page is drawn."""
        if name not in self._files:
            raise KeyError(name)
        return f"{self._prefix}/{self.version}/{name}"

    def content(self, name: str) -> bytes:
        """A file's bytes."""
        return self._files[name]

    def routes(self) -> list[web.RouteDef]:
        """To be added to the application."""
        return [web.get(self._prefix + "/{version}/{name:.+}", self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        content = self._files.get(name)
        if content is None:
            raise web.HTTPNotFound
        # Two versions of the service may run side by side while one replaces the other: an address of the other one's
        # still answers, but is not kept.
        current = request.match_info["version"] == self.version
        suffix = Path(name).suffix
        return web.Response(
            body=content,
            content_type=_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream",
            charset="utf-8" if suffix in _TYPES else None,
            headers={
                "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache",
                "X-Content-Type-Options": "nosniff",
            },
        )

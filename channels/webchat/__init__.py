"""The web chat: one script tag on a study's page, an iframe, a WebSocket; behind it a `WebchatBackend`."""

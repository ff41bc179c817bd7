"""The shared style sheets and templates, for every part of the service that draws pages."""

from pathlib import Path

from channels.webchat.assets import AssetFolder

_HERE = Path(__file__).parent

TEMPLATES = _HERE / "templates"
"""Holds `base.html`: add it to a Jinja loader after a page's own folder."""

_BASE = ("vendor/modern-normalize.css", "tokens.css", "base.css")


def shared_assets() -> AssetFolder:
    """The shared static files, at `/static/<version>/…`; add its `routes()` to the application once."""
    return AssetFolder(_HERE / "static", prefix="/static")


def base_stylesheets(assets: AssetFolder) -> list[str]:
    """Addresses of the base styles, in the order they are to be linked."""
    return [assets.url(name) for name in _BASE]

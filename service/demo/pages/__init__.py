"""The demo's pages: a landing page, a phone, a study's page with the chat, a mailbox. Never part of a real service.

Their English stands in the templates: nobody but a newcomer to the project reads it.
"""

from service.demo.pages.routes import DemoPerson, demo_routes

__all__ = ["DemoPerson", "demo_routes"]

"""The words: the registry of approved content, and how files come into it."""

from conversation.content.registry import ContentMissing, Registry, Rendered

__all__ = ["ContentMissing", "Registry", "Rendered"]

"""Which language a participant writes, and how their words are made comparable."""

from conversation.language.decide import LanguageDecision, LanguageReason, decide_language
from conversation.language.evidence import common_words, leaning

__all__ = ["LanguageDecision", "LanguageReason", "common_words", "decide_language", "leaning"]

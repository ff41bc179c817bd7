"""Which language a participant writes, and how their words are made comparable."""

from conversation.language.decide import LanguageDecision, LanguageReason, common_words, decide_language, leaning

__all__ = ["LanguageDecision", "LanguageReason", "common_words", "decide_language", "leaning"]

"""What the learned judges of text share: words by class, a linear model over features, its teaching and its file.

Triage and opt-outs are judged from different features (`triage/features.py`, `opt_out/features.py`) by one mechanism.
"""

from conversation.text_model.lexicon import WordClasses, pieces_of, read_lexicon
from conversation.text_model.model import Model, load_or_none, read_model, value_of, write_model

__all__ = ["Model", "WordClasses", "load_or_none", "pieces_of", "read_lexicon", "read_model", "value_of", "write_model"]

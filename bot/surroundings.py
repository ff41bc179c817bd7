"""What must be set before Rasa is imported: quiet, offline, no more threads than help, nothing written about anybody.

One message is too small for two threads: they double the processor time and save a quarter of the wait. Training is not.

Imported first by every entry point. Values already in the environment win.
"""

import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

BOT = Path(__file__).resolve().parent
ROOT = BOT.parent

DEFAULTS = {
    "RASA_TELEMETRY_ENABLED": "false",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # No graphics card: this keeps TensorFlow from looking for one where a pipeline needs it.
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}

# Rasa says these of every bot with retrieval intents and no ResponseSelector; our classifier does that job.
KNOWN_WARNINGS = (
    "Slot auto-fill has been removed",
    "The following duplicated intents have been found across multiple domain files: faq",
    "does not include a response selector component",
)


def prepare(threads: int = 1) -> None:
    """Sets the environment and the import path (our components are named `components.x`); `threads` for each product."""
    for name, value in {**DEFAULTS, "OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}.items():
        os.environ.setdefault(name, value)
    if str(BOT) not in sys.path:
        sys.path.insert(0, str(BOT))


def quiet() -> None:
    """Errors only, as plain lines on stderr.

    Left alone, structlog prints every debug event, message texts included, on stdout; and Rasa's warnings can quote
    what somebody wrote. So nothing below ERROR leaves the process, whatever LOG_LEVEL says.
    """
    import structlog

    logging.basicConfig(
        stream=sys.stderr, level=logging.ERROR, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL), cache_logger_on_first_use=False
    )

    def show_warning(message: Any, category: Any, *args: Any, **kwargs: Any) -> None:
        return None

    # A filter would not do: libraries put their own in front of it while they are imported.
    warnings.showwarning = show_warning


def warn_of_the_unknown() -> None:
    """In training a warning is about the data, and wanted: shows those that are not KNOWN_WARNINGS."""

    def show_warning(message: Any, category: Any, *args: Any, **kwargs: Any) -> None:
        if issubclass(category, UserWarning) and not any(known in str(message) for known in KNOWN_WARNINGS):
            print(f"warning: {str(message).splitlines()[0]}", file=sys.stderr)

    warnings.showwarning = show_warning

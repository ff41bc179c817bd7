"""The bot as a child of the service: trained when its inputs changed, started, stopped."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from service.settings import ROOT

_INPUTS = ("config.yml", "data", "bot/domain.yml", "bot/components", "bot/uv.lock", "conversation/triage/statements")
"""What a model is made of: the same content is never trained twice."""


class BotMissing(Exception):
    """The bot's environment is not there: `make setup` makes it."""


def bot_python() -> Path:
    """The interpreter of the bot's own environment."""
    for name in ("bin/python", "Scripts/python.exe"):
        path = ROOT / "bot" / ".venv" / name
        if path.exists():
            return path
    raise BotMissing(BotMissing.__doc__)


def inputs_hash() -> str:
    """SHA-256 over the files a model depends on, by path and content."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def ensure_model(data_dir: Path, *, force: bool = False) -> Path:
    """The model for the inputs as they are; trained now, with progress on stderr, unless it is there."""
    models = data_dir / "bot"
    model = models / f"model-{inputs_hash()[:16]}.tar.gz"
    if model.exists() and not force:
        return model
    models.mkdir(parents=True, exist_ok=True)
    print("training the bot (its inputs changed)", file=sys.stderr, flush=True)  # noqa: T201
    command = [str(bot_python()), str(ROOT / "bot" / "train.py"), str(model)]
    subprocess.run(command, check=True, env=teaching_environment(data_dir))  # noqa: S603
    for old in models.glob("model-*.tar.gz"):
        if old != model:
            old.unlink()
    return model


def teaching_environment(data_dir: Path) -> dict[str, str]:
    """The environment for training and measuring: sentence vectors of the examples are kept for the next time."""
    return {**os.environ, "PERENNIAL_BOT_VECTORS": str((data_dir / "bot" / "vectors").resolve())}


def start_bot(
    model: Path,
    *,
    listen: str,
    actions_url: str,
    token: str,
    stock_database: Path | None = None,
    log: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start the bot; it needs some seconds before it answers. `stock_database`: stock Rasa instead, for the benchmark."""
    environment = {
        **os.environ,
        "PERENNIAL_BOT_MODEL": str(model),
        "PERENNIAL_BOT_LISTEN": listen,
        "PERENNIAL_ACTIONS_URL": actions_url,
        "PERENNIAL_BOT_TOKEN": token,
    }
    command = [str(bot_python()), str(ROOT / "bot" / "serve.py")]
    if stock_database is not None:
        environment["PERENNIAL_STOCK_DATABASE"] = str(stock_database)
        command.append("--stock")
    out = log.open("ab") if log else None
    try:
        # Its own session: Ctrl-C reaches the service, which stops the bot in its own good order.
        return subprocess.Popen(  # noqa: S603
            command, env=environment, stdout=out or subprocess.DEVNULL, stderr=out, start_new_session=True
        )
    finally:
        if out is not None:
            out.close()


def stop_bot(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL for one that doesn't hear."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _files() -> Iterator[Path]:
    for name in _INPUTS:
        path = ROOT / name
        if path.is_file():
            yield path
        else:
            yield from sorted(
                file for file in path.rglob("*") if file.is_file() and file.suffix in (".yml", ".py", ".md", ".txt")
            )

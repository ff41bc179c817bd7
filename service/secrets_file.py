"""The demo's own keys: made on the first start, kept under the data folder. Production's come from its owner."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from service.settings import Mode, Settings
from storage.crypto import Keyring, make_key, parse_keyring


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What signs, encrypts and authenticates."""

    keyring: Keyring
    secret_key: str
    bot_token: str
    made_here: Path | None


def load_secrets(settings: Settings) -> Secrets:
    """From the settings; outside production, what is not set is made and kept in `demo-keys.json`."""
    kept: dict[str, str] = {}
    path: Path | None = None
    if settings.mode is not Mode.PRODUCTION:
        path = settings.data_dir / "demo-keys.json"
        kept = _read_or_make(path)
    given = {
        "data_keys": settings.data_keys,
        "secret_key": settings.secret_key,
        "bot_token": settings.bot_token,
    }
    values = {name: value.get_secret_value() if value else kept[name] for name, value in given.items()}
    return Secrets(
        keyring=parse_keyring(values["data_keys"]),
        secret_key=values["secret_key"],
        bot_token=values["bot_token"],
        made_here=path,
    )


def _read_or_make(path: Path) -> dict[str, str]:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = {
            "data_keys": make_key("demo1"),
            "secret_key": secrets.token_urlsafe(32),
            "bot_token": secrets.token_urlsafe(32),
        }
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its keys count
        finally:
            draft.unlink()
    return {str(name): str(value) for name, value in json.loads(path.read_text()).items()}

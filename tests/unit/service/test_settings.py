"""Settings: each is explained where it stands and in the docs; production starts with nothing missing."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from service.secrets_file import load_secrets
from service.settings import ROOT, MissingSettings, Mode, Settings
from storage.crypto import CryptoError, make_key

DOCS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
NAMES = {f"PERENNIAL_{name.upper()}" for name in Settings.model_fields}
WHOLE = {
    "mode": Mode.PRODUCTION,
    "database_url": "postgresql://db/perennial",
    "data_keys": SecretStr(make_key("k1")),
    "secret_key": SecretStr("s" * 32),
    "bot_token": SecretStr("b" * 32),
    "public_url": "https://perennial.example.org",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of who runs the tests counts, nor a .env beside them."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def production(**changes: object) -> Settings:
    return Settings(**(WHOLE | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_each_has_a_description(name: str) -> None:
    description = Settings.model_fields[name].description or ""
    assert len(description) > 15
    assert description.endswith(".")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_each_stands_in_the_docs_with_its_description(name: str) -> None:
    row = next((line for line in DOCS.splitlines() if line.startswith(f"| `PERENNIAL_{name.upper()}` |")), "")
    assert (Settings.model_fields[name].description or "?") in row, f"docs/settings.md lacks PERENNIAL_{name.upper()}"


def test_the_docs_name_no_setting_that_is_not_there() -> None:
    assert set(re.findall(r"PERENNIAL_[A-Z_]+", DOCS)) == NAMES | {"PERENNIAL_MODE"}


def test_the_demo_needs_none() -> None:
    Settings().check_production()


def test_production_with_everything_starts() -> None:
    production().check_production()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"database_url": None}, "PERENNIAL_DATABASE_URL"),
        ({"data_keys": None}, "PERENNIAL_DATA_KEYS"),
        ({"data_keys": SecretStr("")}, "PERENNIAL_DATA_KEYS"),
        ({"secret_key": None}, "PERENNIAL_SECRET_KEY"),
        ({"bot_token": None}, "PERENNIAL_BOT_TOKEN"),
        ({"public_url": "http://perennial.example.org"}, "PERENNIAL_PUBLIC_URL"),
        ({"twilio_account_sid": "AC1"}, "PERENNIAL_TWILIO_AUTH_TOKEN"),
    ],
)
def test_production_refuses_and_names_what_is_missing(change: dict[str, object], named: str) -> None:
    with pytest.raises(MissingSettings) as caught:
        production(**change).check_production()
    assert re.findall(r"PERENNIAL_[A-Z_]+", str(caught.value)) == [named]


def test_production_names_everything_at_once() -> None:
    with pytest.raises(MissingSettings) as caught:
        Settings(mode=Mode.PRODUCTION).check_production()
    assert str(caught.value).count("PERENNIAL_") == 5


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERENNIAL_TWILIO_FROM", "+15005550006")
    monkeypatch.setenv("PERENNIAL_WORKERS", "3")
    settings = Settings()
    assert (settings.twilio_from, settings.workers) == ("+15005550006", 3)


def test_a_dotenv_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PERENNIAL_WORKERS=3\nPERENNIAL_EMAIL_FROM=team\nUNRELATED=1\n", encoding="utf-8")
    monkeypatch.setenv("PERENNIAL_WORKERS", "5")
    settings = Settings()
    assert (settings.workers, settings.email_from) == (5, "team")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        setattr(Settings(), "workers", 3)  # noqa: B010 - a plain assignment is refused by the type checker already


def test_secrets_are_not_shown() -> None:
    assert "ssss" not in repr(production()) + str(production())


def test_the_demo_makes_its_own_secrets_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new" / "folder")
    first, second = load_secrets(settings), load_secrets(settings)
    assert first == second
    assert first.made_here is not None
    assert first.made_here.stat().st_mode & 0o077 == 0
    assert [file.name for file in first.made_here.parent.iterdir()] == [first.made_here.name]


def test_a_given_secret_counts_before_the_demo_s_own(tmp_path: Path) -> None:
    assert load_secrets(Settings(data_dir=tmp_path, secret_key=SecretStr("mine"))).secret_key == "mine"


def test_production_makes_none(tmp_path: Path) -> None:
    secrets = load_secrets(production(data_dir=tmp_path))
    assert secrets.made_here is None
    assert secrets.keyring.active == "k1"
    assert list(tmp_path.iterdir()) == []


def test_unreadable_data_keys_are_said_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(CryptoError) as caught:
        load_secrets(production(data_dir=tmp_path, data_keys=SecretStr("hunter2")))
    assert "hunter2" not in str(caught.value)

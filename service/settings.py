"""Every setting, in one frozen object: environment variables `PERENNIAL_…`, or a `.env` file."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Mode(StrEnum):
    """What the service runs as."""

    DEMO = "demo"
    PRODUCTION = "production"


class MissingSettings(Exception):
    """Production refuses to start without settings that only its owner can give."""


class Settings(BaseSettings):
    """The settings; each field's description is its documentation (`perennial settings` prints them)."""

    model_config = SettingsConfigDict(env_prefix="PERENNIAL_", env_file=".env", frozen=True, extra="ignore")

    mode: Mode = Field(
        Mode.DEMO, description="`demo` makes its own keys and fakes; `production` takes nothing for granted."
    )
    data_dir: Path = Field(
        ROOT / ".perennial", description="Where the embedded database, the trained bot and demo keys live."
    )
    database_url: str | None = Field(
        None, description="PostgreSQL as postgresql://…; unset: an embedded server under the data folder."
    )
    data_keys: SecretStr | None = Field(
        None, description="Data keys as id:base64,id:base64 (32 bytes each); the first encrypts, all decrypt."
    )
    secret_key: SecretStr | None = Field(None, description="Signs web sessions, links and reply addresses.")
    public_url: str = Field(
        "http://127.0.0.1:8080",
        description="Where the outside reaches the service; webhook signatures are checked on it.",
    )
    listen: str = Field("127.0.0.1:8080", description="Interface and port of the public web server.")
    internal_listen: str = Field(
        "127.0.0.1:8081", description="Interface and port of the action server; for the bot only, keep it private."
    )
    rasa_url: str = Field("http://127.0.0.1:5005", description="Where the bot answers.")
    bot_token: SecretStr | None = Field(None, description="Shared secret of service and bot, both ways.")
    workers: int = Field(8, ge=1, le=64, description="Dialogues that one process holds at the same time.")
    twilio_account_sid: str = Field("", description="Twilio account; empty: no SMS.")
    twilio_auth_token: SecretStr | None = Field(
        None, description="Twilio auth token(s), comma-separated while one is being rotated; the first one sends."
    )
    twilio_from: str = Field("", description="The number that sends, E.164; or give a messaging service.")
    twilio_messaging_service_sid: str = Field("", description="The Twilio messaging service that sends.")
    twilio_api_url: str = Field("", description="Another base URL for Twilio's API: a fake, a proxy.")
    smtp_url: str = Field(
        "", description="The relay that sends mail, smtp://user:password@host:587; empty: no e-mail out."
    )
    email_listen: str = Field(
        "", description="Where mail is received, smtp://host:port or lmtp://host:port; empty: not."
    )
    email_domain: str = Field("perennial.example", description="The domain of our mailboxes and reply addresses.")
    email_from: str = Field("hello", description="The local part that mail is sent from.")
    api_requests_per_minute: int = Field(
        120, ge=1, description="Requests of one source to the events API, in each process; more are told to wait."
    )
    outreach_per_second: float = Field(
        0,
        ge=0,
        description="SMS of outreach a second at most, over all processes; 0: as fast as it goes. Replies are not held.",
    )
    outreach_per_day: int = Field(0, ge=0, description="SMS of outreach a day (UTC) at most; 0: no limit.")
    mail_outreach_per_second: float = Field(0, ge=0, description="Mails of outreach a second at most; 0: no limit.")
    mail_outreach_per_day: int = Field(0, ge=0, description="Mails of outreach a day (UTC) at most; 0: no limit.")
    default_study: str = Field(
        "parkinson-lrrk2-gba1", description="The study a stranger is taken to mean where nothing tells."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR. No level logs words or addresses.")

    def check_production(self) -> None:
        """Raise `MissingSettings` naming everything production lacks."""
        if self.mode is not Mode.PRODUCTION:
            return
        needed = {
            "DATABASE_URL": self.database_url,
            "DATA_KEYS": self.data_keys,
            "SECRET_KEY": self.secret_key,
            "BOT_TOKEN": self.bot_token,
        }
        missing = [f"PERENNIAL_{name}" for name, value in needed.items() if not value]
        if self.twilio_account_sid and not self.twilio_auth_token:
            missing.append("PERENNIAL_TWILIO_AUTH_TOKEN")
        if not self.public_url.startswith("https://"):
            missing.append("PERENNIAL_PUBLIC_URL (https)")
        if missing:
            raise MissingSettings(f"Production needs {', '.join(missing)}.")

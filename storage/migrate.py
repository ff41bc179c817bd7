"""Bring a database to the newest schema, or tell whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url


def alembic_config(url: str) -> Config:
    """Alembic's settings for this project and this database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Upgrade the database at `url` to the newest revision. One process at a time: others wait."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    config = alembic_config(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("select pg_advisory_xact_lock(7166290117)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def check(url: str) -> None:
    """Raise alembic's error where the tables in Python and the migrations differ."""
    command.check(alembic_config(url))

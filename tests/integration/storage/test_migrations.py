"""The migrations make just the tables the code describes, can be run twice, and go back."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from storage import migrations
from storage.migrate import alembic_config, check, migrate
from storage.tables import APPEND_ONLY
from tests.harness.postgres import Postgres


def names(url: str) -> set[str]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_tables_and_migrations_agree(postgres: Postgres) -> None:
    with postgres.fresh() as url:
        check(url)
        migrate(url)
        check(url)


def test_a_difference_is_noticed(postgres: Postgres) -> None:
    with postgres.fresh() as url:
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.execute(text("alter table participants drop column time_zone"))
        engine.dispose()
        with pytest.raises(Exception, match="time_zone"):
            check(url)


def test_down_and_up_again(postgres: Postgres) -> None:
    with postgres.fresh() as url:
        before = names(url)
        command.downgrade(alembic_config(url), "base")
        assert names(url) == {"alembic_version"}
        migrate(url)
        assert names(url) == before


def test_every_ledger_has_its_triggers(postgres: Postgres) -> None:
    with postgres.fresh() as url:
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with engine.connect() as connection:
            rows = connection.execute(
                text("select tgrelid::regclass::text, count(*) from pg_trigger where not tgisinternal group by 1")
            )
            guarded: dict[str, int] = {row[0]: row[1] for row in rows}
        engine.dispose()
        assert guarded == dict.fromkeys(APPEND_ONLY, 2)


def test_one_place_makes_ledgers_append_only() -> None:
    folder = Path(migrations.__file__).parent
    writing = [file.name for file in folder.rglob("*.py") if "create trigger" in file.read_text(encoding="utf-8")]
    assert writing == ["append_only.py"]

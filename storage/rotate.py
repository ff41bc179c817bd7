"""Key rotation: every sealed value and its blind index, moved to the active key, in small batches."""

from sqlalchemy import Column, LargeBinary, Table, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from storage.database import Database
from storage.tables import metadata

BATCH = 200

_INDEX_OF = {
    ("contact_points", "value"): "value_index",
    ("verifications", "value"): "value_index",
    ("coordinators", "email"): "email_index",
    ("messages", "peer"): "peer_index",
    ("participant_codes", "value"): "value_index",
}
"""The blind index that follows each sealed value."""


async def rotate_keys(database: Database) -> int:
    """Re-seal what the active key did not seal. Returns how many rows were changed; 0 means all are done."""
    changed = 0
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.info.get("sealed"):
                changed += await _rotate_column(database, table, column)
    return changed


async def _rotate_column(database: Database, table: Table, column: Column[bytes]) -> int:
    keyring, changed = database.keyring, 0
    place = f"{table.name}.{column.name}"
    index = _INDEX_OF.get((table.name, column.name))
    while True:
        async with database.begin() as connection:
            # Ledgers refuse every change but this one, and only of the sealed column (see the first migration).
            await connection.execute(select(func.set_config("perennial.reseal", "on", True)))
            rows = (
                await connection.execute(
                    select(table.c.id, column)
                    .where(column.is_not(None), ~_sealed_by(column, keyring.active))
                    .limit(BATCH)
                    .with_for_update(skip_locked=True)
                )
            ).all()
            if not rows:
                return changed
            for row_id, sealed in rows:
                text = keyring.open(sealed, place=place, row=row_id)
                values: dict[str, object] = {column.name: keyring.seal(text, place=place, row=row_id)}
                if index is not None:
                    values[index] = keyring.index(text)
                await connection.execute(update(table).where(table.c.id == row_id).values(values))
            changed += len(rows)


def _sealed_by(column: Column[bytes], key: str) -> ColumnElement[bool]:
    mark = key.encode() + b"\0"
    return func.substring(column, 1, len(mark), type_=LargeBinary) == mark

"""What all tables share: one metadata with a naming convention, and the few column shapes that recur."""

from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, MetaData, Text, Uuid, func

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def row_id() -> Column[Any]:
    """The primary key: a UUIDv7 made by the writer (`storage.ids`)."""
    return Column("id", Uuid, primary_key=True)


def moment(name: str, *, required: bool = False, now: bool = False) -> Column[Any]:
    """An instant, always with its zone."""
    return Column(
        name, DateTime(timezone=True), nullable=not (required or now), server_default=func.now() if now else None
    )


def sealed(name: str, *, required: bool = False) -> Column[Any]:
    """A value encrypted by `storage.crypto.Keyring`, bound to its row and to "table.column"."""
    return Column(name, LargeBinary, nullable=not required, info={"sealed": True})


def blind_index(name: str, *, required: bool = True) -> Column[Any]:
    """`key id:hmac` of a sealed value, to find it by."""
    return Column(name, Text, nullable=not required)


def of_participant(*, required: bool = True) -> Column[Any]:
    """Whose row this is."""
    return Column("participant_id", Uuid, ForeignKey("participants.id"), nullable=not required)

"""Alembic's entry: runs the migrations on the connection that `storage.migrate` hands over."""

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url

from storage.tables import metadata


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(make_url(context.config.attributes["url"]).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        run(connection)
    engine.dispose()

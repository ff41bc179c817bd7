"""What makes a ledger append-only, written once for all migrations: one function in the database, two triggers a table."""

from alembic import op

_FIRST = "reason"
"""The sealed column of the first ledgers; the function of that day names it alone, not in an array."""


def keep_append_only(*tables: str) -> None:
    """Let these tables refuse every change and truncation from now on, by the function that `let_reseal` makes."""
    for table in tables:
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger append_only_truncate before truncate on {table} "
            "for each statement execute function refuse_change()"
        )


def let_reseal(*columns: str) -> None:
    """(Re)make the function that refuses changes, all but that of these sealed columns while keys rotate.

    `columns`: of all ledgers together; a migration that brings a new sealed column names the earlier ones too.
    """
    sealed = f"'{_FIRST}'" if columns == (_FIRST,) else f"array[{', '.join(f"'{column}'" for column in columns)}]"
    op.execute(f"""
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and current_setting('perennial.reseal', true) = 'on'
        and to_jsonb(old) - {sealed} = to_jsonb(new) - {sealed} then
        return new;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$
""")

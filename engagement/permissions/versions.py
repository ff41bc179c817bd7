"""A new version of a consent document: whose agreement it changes, and that what it changed is off until it is agreed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.consent.document import ConsentDocument, Consents, changed_permissions
from engagement.journeys import record_event
from engagement.permissions.entry import GRANTED, LAPSED
from engagement.permissions.ledger import Cause, DocumentSigned, read_standing, record_permission
from engagement.permissions.standing import Cell, Standing, Why
from storage.database import lock_in_transaction
from storage.tables import participants, permissions


@dataclass(frozen=True, kw_only=True)
class Affected:
    """A participant who agreed to an older version. `cells`: what they agreed to that the new one changes.

    `marked`: it has lapsed, and waits to be agreed to anew.
    """

    participant_id: UUID
    versions: tuple[str, ...]
    cells: tuple[Cell, ...]
    marked: bool


def find_changed(standing: Standing, study: str, consents: Consents, new: ConsentDocument) -> Sequence[Cell]:
    """What holds in this study by an older version and is asked differently in `new`. Pure.

    What was agreed to under a version that the pack no longer has counts as changed wherever `new` asks for it at all.
    """
    asked = {(each.purpose, each.scope) for each in new.permissions}
    changed: dict[str, set[tuple[str, str]]] = {}
    found = []
    for cell, held in sorted(standing.held.items()):
        version = held.document_version
        if cell.study != study or version is None or version == new.version:
            continue
        if version not in changed:
            old = consents.version(version)
            differ = asked if old is None else {(each.purpose, each.scope) for each in changed_permissions(old, new)}
            changed[version] = differ
        if any(cell.purpose == purpose and scope in ("", cell.scope) for purpose, scope in changed[version]):
            found.append(cell)
    return found


async def list_affected(
    connection: AsyncConnection, study: str, consents: Consents, new: ConsentDocument, *, at: datetime
) -> Sequence[Affected]:
    """Everybody whose agreement `new` changes: still to be marked, or marked and not asked with success yet."""
    person = func.coalesce(participants.c.merged_into, participants.c.id)
    rows = await connection.execute(
        select(person)
        .join(permissions, permissions.c.participant_id == participants.c.id)
        .where(
            permissions.c.study_slug == study,
            permissions.c.kind == GRANTED,
            permissions.c.document_version.is_not(None),
            permissions.c.document_version != new.version,
        )
        .distinct()
        .order_by(person)
    )
    affected = []
    for participant_id in rows.scalars().all():
        standing = await read_standing(connection, participant_id, at=at)
        changed = find_changed(standing, study, consents, new)
        lapsed = [
            cell for cell, ended in sorted(standing.ended.items()) if cell.study == study and ended.why is Why.LAPSED
        ]
        if changed or lapsed:
            versions = {standing.held[cell].document_version or "" for cell in changed}
            affected.append(
                Affected(
                    participant_id=participant_id,
                    versions=tuple(sorted(versions)),
                    cells=tuple(changed or lapsed),
                    marked=not changed,
                )
            )
    return affected


async def ask_again(
    connection: AsyncConnection,
    study: str,
    consents: Consents,
    new: ConsentDocument,
    *,
    at: datetime,
    actor: str,
) -> int:
    """Let lapse what `new` changes for everybody affected, and ask them; returns for how many. Once for each person.

    Outreach that relies on it is held from this transaction on; who agrees to `new` has it back.
    """
    marked = 0
    for one in await list_affected(connection, study, consents, new, at=at):
        await lock_in_transaction(connection, "permissions", one.participant_id)
        standing = await read_standing(connection, one.participant_id, at=at)
        scopes: dict[str, set[str]] = {}
        for cell in find_changed(standing, study, consents, new):
            scopes.setdefault(cell.purpose, set()).add(cell.scope)
        for purpose, lapsing in sorted(scopes.items()):
            await record_permission(
                connection,
                one.participant_id,
                kind=LAPSED,
                purpose=purpose,
                study=study,
                scopes=sorted(lapsing),
                at=at,
                cause=Cause(actor=actor, said_on="service"),
                document=DocumentSigned(version=new.version, sha256=new.sha256(new.languages[0])),
            )
        if scopes:
            marked += 1
            # The study's plan says when and how they are asked: see `agree_anew` there.
            await record_event(
                connection,
                one.participant_id,
                study,
                "agreement_changed",
                at=at,
                now=at,
                source="consent",
                key=f"{one.participant_id} {study} {new.version}",
            )
    return marked

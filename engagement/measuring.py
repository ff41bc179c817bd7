"""What became of outreach mails, counted honestly: people, machines and what may be either stand apart.

"Opened by a person: at least 31" is what can be known. Many mail programs show no picture, and a machine may look before a
person does, so there is no rate of opens here, and none can be made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import mail_looks, measured_mails, messages, touchpoints

MOMENT = timedelta(seconds=5)
"""Within this nobody follows two links."""
_LEFT = ("sent", "delivered", "unknown")


@dataclass(frozen=True, kw_only=True)
class Split:
    """Mails, each counted once: by a person at least so many; else perhaps by one; else by machines only."""

    person: int
    unsure: int
    machine: int


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Of `mails` measured and sent. Who followed a link has opened the mail, picture or not."""

    mails: int
    opened: Split
    clicked: Split

    def lines(self) -> list[str]:
        """As a report says it."""

        def said(what: str, split: Split) -> str:
            rest = self.mails - split.person - split.unsure - split.machine
            return (
                f"{what} by a person: at least {split.person}; perhaps: {split.unsure}; by machines only: {split.machine}; "
                f"not known: {rest}"
            )

        return [f"mails measured: {self.mails}", said("opened", self.opened), said("a link followed", self.clicked)]

    def data(self) -> Mapping[str, Any]:
        """The same for scripts."""
        return {"mails": self.mails, "opened": vars(self.opened), "clicked": vars(self.clicked)}


def by_a_person(looks: Any) -> ColumnElement[bool]:
    """Whether a row of `mail_looks` is a person's; not the first of many links that a scanner followed at once."""
    later = mail_looks.alias()
    scanned = (
        select(later.c.id)
        .where(
            later.c.mail_id == looks.c.mail_id,
            later.c.reason == literal_column("'all_links'"),
            later.c.at >= looks.c.at,
            later.c.at <= looks.c.at + MOMENT,
        )
        .correlate(looks)
        .exists()
    )
    return and_(looks.c.verdict == literal_column("'person'"), or_(looks.c.what == literal_column("'open'"), ~scanned))


async def count_looks(
    connection: AsyncConnection, *, campaign: UUID | None = None, study: str | None = None, item: str | None = None
) -> Counted:
    """Of one campaign; or of a study, or one item of its plan. A study's own do not include campaigns."""
    which: list[ColumnElement[bool]] = [touchpoints.c.campaign_id == campaign]
    if study is not None:
        which.append(touchpoints.c.study_slug == study)
    if item is not None:
        which.append(touchpoints.c.item == item)
    row = (await connection.execute(_counted(and_(*which)))).one()
    return Counted(
        mails=row.mails,
        opened=Split(person=row.open_person, unsure=row.open_unsure, machine=row.open_machine),
        clicked=Split(person=row.click_person, unsure=row.click_unsure, machine=row.click_machine),
    )


def _counted(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    looks = mail_looks
    clicked = looks.c.what == "click"

    def some(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return func.coalesce(func.bool_or(condition), False)

    mails = (
        select(
            measured_mails.c.id,
            some(by_a_person(looks)).label("open_person"),
            some(looks.c.verdict == "unsure").label("open_unsure"),
            some(looks.c.verdict == "machine").label("open_machine"),
            some(clicked & by_a_person(looks)).label("click_person"),
            some(clicked & (looks.c.verdict == "unsure")).label("click_unsure"),
            some(clicked & (looks.c.verdict == "machine")).label("click_machine"),
        )
        .join(messages, messages.c.id == measured_mails.c.message_id)
        .join(touchpoints, touchpoints.c.id == messages.c.touchpoint_id)
        .outerjoin(looks, looks.c.mail_id == measured_mails.c.id)
        .where(which, messages.c.status.in_(_LEFT))
        .group_by(measured_mails.c.id)
        .subquery()
    )
    columns: list[ColumnElement[int]] = [func.count().label("mails")]
    for what in ("open", "click"):
        person, unsure, machine = (mails.c[f"{what}_{verdict}"] for verdict in ("person", "unsure", "machine"))
        columns += [
            func.count().filter(person).label(f"{what}_person"),
            func.count().filter(unsure & ~person).label(f"{what}_unsure"),
            func.count().filter(machine & ~person & ~unsure).label(f"{what}_machine"),
        ]
    return select(*columns).select_from(mails)

"""Genotypes: what a laboratory found in a gene. Gene and finding are sealed together: either one alone says too much."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import genotypes

FINDINGS = ("positive", "negative", "uncertain")
"""A disease-causing variant; none; a variant of uncertain significance (ACMG/AMP 2015, doi:10.1038/gim.2015.30)."""
_PLACE = "genotypes.finding"


@dataclass(frozen=True, kw_only=True)
class Genotype:
    """`gene`: its HGNC symbol; `finding`: one of `FINDINGS`."""

    gene: str
    finding: str


async def record_genotype(
    connection: AsyncConnection,
    keyring: Keyring,
    participant: UUID,
    study: str,
    genotype: Genotype,
    *,
    at: datetime,
    now: datetime,
    source: str,
    key: str,
) -> bool:
    """Record what a source reports under its own `key`; False for a repeat, which changes nothing."""
    if genotype.finding not in FINDINGS:
        raise ValueError(f"a finding is one of {', '.join(FINDINGS)}")
    row = new_id()
    text = json.dumps({"gene": genotype.gene, "finding": genotype.finding})
    made = await connection.scalar(
        insert(genotypes)
        .values(
            id=row,
            participant_id=participant,
            study_slug=study,
            finding=keyring.seal(text, place=_PLACE, row=row),
            at=at,
            recorded_at=now,
            source=source,
            key=key,
        )
        .on_conflict_do_nothing()
        .returning(genotypes.c.id)
    )
    return made is not None


def last_findings(keyring: Keyring, rows: Iterable[Any]) -> Mapping[tuple[str, str], str]:
    """(study, gene) → the finding of the last report, of rows (id, study_slug, finding) in order of their time."""
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        genotype = Genotype(**json.loads(keyring.open(row.finding, place=_PLACE, row=row.id)))
        found[row.study_slug, genotype.gene] = genotype.finding
    return found

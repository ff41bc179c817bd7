"""A change by words, from the question to the ledger."""

from sqlalchemy import insert, select

from engagement.permissions import Why
from engagement.permissions.proof import read_history
from storage.database import Database
from storage.ids import new_id
from storage.tables import content_versions, escalations, messages
from tests.integration.permissions.somebody import AT, STUDY, Somebody


async def test_nothing_changes_before_a_yes(somebody: Somebody) -> None:
    await somebody.give("data_sharing", scopes=["academic", "commercial"])
    outcome = await somebody.say("don't share my data with companies", "change_permissions")
    assert ([line.key for line in outcome.said], outcome.pending) == (["permissions/confirm"], "permissions")
    assert (await somebody.stands()).allows("data_sharing", scope="commercial").allowed
    outcome = await somebody.say("yes")
    assert ([line.key for line in outcome.said], outcome.pending) == (["permissions/changed"], None)
    standing = await somebody.stands()
    assert standing.allows("data_sharing", scope="commercial").reason is Why.WITHDRAWN
    assert standing.allows("data_sharing", scope="academic").allowed


async def test_a_no_leaves_it_as_it_is(somebody: Somebody) -> None:
    await somebody.give("sample_storage")
    await somebody.say("don't keep my sample", "change_permissions")
    outcome = await somebody.say("no")
    assert [line.key for line in outcome.said] == ["permissions/unchanged"]
    assert (await somebody.stands()).allows("sample_storage").allowed


async def test_the_list_then_a_number_then_a_yes(somebody: Somebody, database: Database) -> None:
    await somebody.give("genetic_testing")
    await somebody.give("return_incidental", kind="withdrawn")
    await somebody.say("what did I agree to?", "my_permissions")
    await somebody.say("2")
    await somebody.say("yes")
    assert (await somebody.stands()).allows("return_incidental", study=STUDY).allowed
    await somebody.say("turn off genetic testing", "change_permissions")
    outcome = await somebody.say("yes please")
    assert [line.key for line in outcome.said] == ["permissions/changed", "withdraw/person"]
    async with database.begin() as connection:
        assert await connection.scalar(select(escalations.c.triggers)) == ["genetic_testing"]


async def test_recontact_is_kept_to_a_channel_and_to_so_many_a_year(somebody: Somebody) -> None:
    await somebody.give("recontact")
    await somebody.say("only write about other studies by e-mail, at most twice a year", "change_permissions")
    await somebody.say("yes")
    standing = await somebody.stands()
    assert standing.allows("recontact", channel="email").per_year == 2
    assert standing.allows("recontact", channel="sms").reason is Why.OTHER_CHANNEL


async def test_no_more_invitations_is_meant_for_every_study(somebody: Somebody) -> None:
    await somebody.give("recontact", study="batten-cln2")
    await somebody.give("recontact")
    await somebody.say("no invitations to other studies", "change_permissions")
    await somebody.say("yes")
    assert not (await somebody.stands()).allows("recontact").allowed


async def test_an_answer_long_after_a_restart_still_finds_its_question(somebody: Somebody) -> None:
    await somebody.give("sample_storage")
    await somebody.say("don't keep my sample", "change_permissions")
    again = Somebody(somebody.database, somebody.id, at=somebody.at)
    await again.say("yes")
    assert not (await again.stands()).allows("sample_storage").allowed


async def test_an_answer_to_nothing_changes_nothing(somebody: Somebody) -> None:
    await somebody.give("sample_storage")
    assert [line.key for line in (await somebody.say("yes")).said] == ["permissions/unchanged"]
    assert (await somebody.stands()).allows("sample_storage").allowed


async def test_the_entry_names_the_very_words_that_were_agreed_to(somebody: Somebody, database: Database) -> None:
    await somebody.give("sample_storage")
    await somebody.say("don't keep my sample", "change_permissions")
    words = [new_id(), new_id()]
    async with database.begin() as connection:
        for version, row in enumerate(words, start=101):
            await connection.execute(
                insert(content_versions).values(
                    id=row,
                    key="permissions/no/sample_storage",
                    language="en",
                    channel="",
                    study_slug="",
                    version=version,
                    sha256=f"{version:064}",
                    text=f"No, version {version}.",
                    replies=[],
                    approved=True,
                    approval_id="PRN-1",
                    effective_from=AT,
                )
            )
        await connection.execute(
            insert(messages).values(
                id=new_id(),
                direction="out",
                channel="webchat",
                participant_id=somebody.id,
                body=b"",
                status="sent",
                created_at=somebody.at,
                available_at=somebody.at,
                content_version_ids=[words[0]],
            )
        )
    await somebody.say("yes")
    async with database.begin() as connection:
        shown = (await read_history(connection, database.keyring, somebody.id))[-1]
    assert (shown.words, shown.words_version, shown.approval) == ("No, version 101.", 101, "PRN-1")
    assert shown.cause_id == somebody.said[-1]

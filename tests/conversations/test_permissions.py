"""Permissions and leaving as conversations with the trained bot: on each channel, in each language."""

import re
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select

from engagement import clock
from engagement.optouts import silenced_channels
from engagement.permissions import Cause, Standing, Why, read_standing, record_permission
from storage.tables import messages
from tests.conversations.conftest import Person
from tests.conversations.script import Script, plain

pytestmark = pytest.mark.conversation

GIVEN = (("genetic_testing", None), ("sample_storage", None), ("data_sharing", ["academic", "commercial"]))
MINE = {"en": "what did I agree to?", "es": "¿qué acepté?"}
CHANGE = {"en": "I want to change my permissions", "es": "quiero cambiar mis permisos"}
NO_COMPANIES = {
    "en": "stop sharing my information with companies",
    "es": "ya no compartan mis datos con empresas",
}
YES = {"en": "yes", "es": "sí"}
UNCLEAR = {"en": "I changed my mind about the study", "es": "quiero hacer drop out del estudio"}
WAYS = {
    "leave_study": {"en": "I want to leave the study now", "es": "quiero salirme del estudio ya"},
    "destroy_sample": {"en": "please destroy my saliva sample", "es": "destruyan mi muestra de saliva por favor"},
    "delete_data": {"en": "delete all my data please", "es": "borren todos mis datos por favor"},
}


async def participant(script: Script) -> UUID:
    """Whoever wrote last."""
    async with script.service.built.database.begin() as connection:
        found = await connection.scalar(
            select(messages.c.participant_id)
            .where(messages.c.direction == "in", messages.c.participant_id.is_not(None))
            .order_by(messages.c.created_at.desc(), messages.c.id.desc())
            .limit(1)
        )
    assert found is not None
    return UUID(str(found))


async def taking_part(script: Script, person: Person) -> UUID:
    """Somebody who agreed to some things and not to others."""
    await person.say({"en": "hello", "es": "hola"}[person.language])
    await person.news(1)
    who = await participant(script)
    study, cause = script.house.default_study, Cause(actor="participant", said_on="web")
    async with script.service.built.database.begin() as connection:
        for purpose, scopes in GIVEN:
            await record_permission(
                connection,
                who,
                kind="granted",
                purpose=purpose,
                study=study,
                scopes=scopes,
                at=clock.now(),
                cause=cause,
            )
        for purpose, kind in (("study_contact", "granted"), ("return_incidental", "withdrawn")):
            await record_permission(
                connection, who, kind=kind, purpose=purpose, study=study, at=clock.now(), cause=cause
            )
    return who


async def stands(script: Script, who: UUID) -> Standing:
    async with script.service.built.database.begin() as connection:
        return await read_standing(connection, who, at=clock.now())


async def told(person: Person, wanted: int = 1) -> str:
    """All that was said since the last look, as one text: `wanted` things where they come one by one."""
    news = await person.news(wanted)
    assert news, "nothing was said"
    return plain(" ".join(news))


def heard(person: Person, said: str, *keys: str, **values: object) -> None:
    for key in keys:
        text = plain(person.words(key, **values))
        assert text in said, f"wanted {key} ({text}), was told: {said}"


def lines(person: Person, *keys: str) -> str:
    """Texts one below the other, as the list has them."""
    return " ".join(plain(person.words(key)) for key in keys)


async def cases(script: Script, who: UUID) -> Sequence[tuple[str, list[str]]]:
    rows = await script.place.rows(
        "select reason, triggers from escalations where participant_id = %s order by opened_at", who
    )
    return [(str(row["reason"]), list(row["triggers"])) for row in rows]


async def test_what_did_i_agree_to(script: Script, person: Person) -> None:
    await taking_part(script, person)
    await person.say(MINE[person.language])
    said = await told(person)
    if person.channel == "sms":
        # The list is nobody's business who finds the phone: only how many there are, and the link.
        link = re.search(r"https?://\S+", said)
        assert link
        heard(person, said, "permissions/list_elsewhere", count=5, document_link=link[0])
        assert plain(person.words("permissions/yes/sample_storage")) not in said
        return
    for key in (
        "permissions/yes/genetic_testing",
        "permissions/no/return_incidental",
        "permissions/yes/data_sharing/commercial",
        "permissions/no/recontact",
    ):
        heard(person, said, key)


async def test_a_change_by_words(script: Script, person: Person) -> None:
    who = await taking_part(script, person)
    await person.say(NO_COMPANIES[person.language])
    said = await told(person)
    change = plain(person.words("permissions/no/data_sharing/commercial"))
    assert change in said
    assert (await stands(script, who)).allows("data_sharing", scope="commercial").allowed, "not before a yes"
    await person.say(YES[person.language])
    said = await told(person)
    assert change in said
    heard(person, said, "permissions/changed", change=person.words("permissions/no/data_sharing/commercial"))
    standing = await stands(script, who)
    assert standing.allows("data_sharing", scope="commercial").reason is Why.WITHDRAWN
    assert standing.allows("data_sharing", scope="academic").allowed


async def test_a_change_from_the_list_with_a_question_in_the_middle(script: Script, person: Person) -> None:
    who = await taking_part(script, person)
    await person.say(CHANGE[person.language])
    heard(person, await told(person, 2), "permissions/which")
    await person.say({"en": "who sees my answers?", "es": "¿quién ve mis respuestas?"}[person.language])
    heard(person, await told(person, 2), "permissions/which")
    await person.say({"en": "number 3", "es": "el 3"}[person.language])
    said = await told(person)
    assert plain(person.words("permissions/yes/return_incidental")) in said
    await person.say("no")
    heard(person, await told(person), "permissions/unchanged")
    assert not (await stands(script, who)).allows("return_incidental").allowed


@pytest.mark.parametrize("way", WAYS)
async def test_leaving_each_way(script: Script, person: Person, way: str) -> None:
    who = await taking_part(script, person)
    await person.say(WAYS[way][person.language])
    said = await told(person, 2 if way == "destroy_sample" else 3)
    heard(person, said, f"withdraw/{way}", "withdraw/person")
    assert await cases(script, who) == [("withdrawal", [way])]
    standing = await stands(script, who)
    study = script.house.default_study
    assert standing.allows("study_contact", study=study, channel=person.channel).allowed is (way != "leave_study")
    [enrolment] = await script.place.rows("select stage from enrolments where participant_id = %s", who)
    assert (enrolment["stage"] == "withdrawn") is (way == "leave_study")
    async with script.service.built.database.begin() as connection:
        assert await silenced_channels(connection, who) == frozenset()
    if way != "destroy_sample":
        heard(person, said, "withdraw/kept")


async def test_stop_contact_is_an_opt_out_and_nothing_follows_but_its_confirmation(
    script: Script, person: Person
) -> None:
    who = await taking_part(script, person)
    await person.say(UNCLEAR[person.language])
    assert plain(person.words("permissions/wish/stop_contact")) in await told(person)
    await person.say("1")
    heard(person, await told(person), "optout/confirmed")
    async with script.service.built.database.begin() as connection:
        assert await silenced_channels(connection, who) == {"sms", "webchat", "email"}
    assert await cases(script, who) == []


async def test_to_stop_everything_gets_one_message_that_says_it_all(script: Script, person: Person) -> None:
    who = await taking_part(script, person)
    await person.say(UNCLEAR[person.language])
    await told(person)
    await person.say({"en": "1, 2 and 4", "es": "1, 2 y 4"}[person.language])
    said = await told(person)
    for wish in ("leave_study", "delete_data"):
        assert plain(person.words(f"permissions/wish/{wish}")) in said
    assert await cases(script, who) == [("withdrawal", ["leave_study", "delete_data"])]


async def test_an_unclear_wish_is_asked_back(script: Script, person: Person) -> None:
    who = await taking_part(script, person)
    await person.say(UNCLEAR[person.language])
    said = await told(person)
    assert plain(person.words("permissions/wish/destroy_sample")) in said
    assert (await stands(script, who)).held, "nothing is done on a guess"
    await person.say({"en": "2 and 3", "es": "2 y 3"}[person.language])
    said = await told(person, 4)
    heard(person, said, "withdraw/leave_study", "withdraw/destroy_sample", "withdraw/kept")
    assert await cases(script, who) == [("withdrawal", ["leave_study", "destroy_sample"])]


async def test_who_leaves_in_the_middle_of_a_questionnaire_has_left(script: Script, person: Person) -> None:
    await person.say({"en": "check if I qualify", "es": "quiero ver si califico para el estudio"}[person.language])
    await told(person)
    await person.say(WAYS["leave_study"][person.language])
    heard(person, await told(person, 3), "withdraw/leave_study")
    who = await participant(script)
    assert await cases(script, who) == [("withdrawal", ["leave_study"])]
    [row] = await script.place.rows("select status from questionnaire_responses where participant_id = %s", who)
    assert row["status"] == "stopped"
    await person.say({"en": "thanks", "es": "gracias"}[person.language])
    heard(person, await told(person), "thank")

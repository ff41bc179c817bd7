"""An interview that somebody left is found by the scheduler, until it is finished."""

from datetime import timedelta

from engagement import clock
from engagement.interviews import find_left_open, list_left_open
from tests.conversations.script import Script
from tests.integration.interviewed import interview, whose

TWO_DAYS = timedelta(days=2)
REST = ["yes", "yes", "no", "no", "no", "1", "1", "2", "no", "4", "none of these", "no", "yes"]
"""To the rest of the pre-screening, after age and country."""


async def test_left_open_until_finished(script: Script) -> None:
    phone = script.phone()
    await phone.say("hello")
    who, now = await whose(script, phone), clock.now()
    database = script.service.built.database
    study = script.house.pack(None).slug
    await interview(script, who, ["62"], kind="prescreen", channel="sms", at=now - TWO_DAYS)
    async with database.begin() as connection:
        found = await find_left_open(connection, who)
        assert found is not None
        assert (found.kind, found.name, found.channel, found.study) == ("prescreen", "prescreen", "sms", study)
        assert found.since == now - TWO_DAYS
        assert found in await list_left_open(connection, before=now - timedelta(days=1), study=study)
        assert found not in await list_left_open(connection, before=now - timedelta(days=1), study="another")
        assert found not in await list_left_open(connection, before=now - timedelta(days=3))

    await interview(
        script, who, ["yes"], kind="prescreen", channel="webchat", at=now
    )  # they go on: the days begin anew
    async with database.begin() as connection:
        later = await find_left_open(connection, who)
        assert later is not None
        assert (later.response_id, later.since, later.channel) == (found.response_id, now, "webchat")
        assert later not in await list_left_open(connection, before=now - timedelta(days=1))

    assert (await interview(script, who, REST, kind="prescreen", at=now)).pending is None
    async with database.begin() as connection:
        assert await find_left_open(connection, who) is None

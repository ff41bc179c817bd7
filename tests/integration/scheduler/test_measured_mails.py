"""Opens and clicks of outreach mails, over HTTP: off unless a study says so, machines apart from people, nothing of anybody kept."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from channels.email.addresses import AddressBook
from channels.email.compose import compose_email
from channels.email.doors import MailDoors
from channels.email.measured import MeasuredMail
from channels.webchat.links import LinkSigner
from conversation.deliver import deliver_outreach
from conversation.messages import Accepted, ChannelName, OutboundMessage
from engagement.experiments import Arm, Design, assign_arm, read_report
from engagement.journeys import record_event
from engagement.measuring import count_looks
from engagement.optouts import record_opt_out
from scheduler.sending import queue_due
from service.email import prepare_email
from tests.harness.permissions import forbid_contact
from tests.integration.scheduler.stage import PACKS, STUDY, Stage

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)

APPLE = "Mozilla/5.0"
PUBLIC = "https://prn.example"
WORDS = "Read https://study.example/oak and https://other.example/x"
DOORS = MailDoors(b"key", public_url=PUBLIC)
MEASURED = {
    slug: pack.model_copy(update={"email": pack.email.model_copy(update={"measured": True})})
    for slug, pack in PACKS.items()
}


class Post:
    """A relay that keeps what it was given, and the doors behind it."""

    def __init__(self, stage: Stage, client: "TestClient[Any, Any]", studies: set[str]) -> None:
        self.stage, self.client, self.studies = stage, client, studies
        self.mails: list[OutboundMessage] = []

    async def send(self, message: OutboundMessage) -> Accepted:
        self.mails.append(message)
        return Accepted(provider_id=f"P{message.id}")

    async def work(self) -> None:
        """All that is due goes out; the mails' words are given links first."""
        stage = self.stage
        prepare = partial(
            prepare_email,
            house=stage.desk.house,
            addresses=AddressBook(domain="prn.example", key=b"sixteen bytes and"),
            links=LinkSigner("secret", public_url=PUBLIC),
            doors=DOORS,
        )
        senders = {ChannelName.EMAIL: self}
        while await deliver_outreach(stage.database, senders, {ChannelName.EMAIL: prepare}, stage.desk.rules):
            pass

    async def reminded(self, who: UUID) -> str:
        """A reminder by mail; the HTML of it."""
        await self.stage.event(who, "kit_delivered")
        self.stage.now += timedelta(days=3)
        await self.stage.plan()
        await queue_due(self.stage.desk, at=self.stage.now)
        rows = await self.stage.rows("select id from messages where status = 'queued' and participant_id = %s", who)
        body = self.stage.database.keyring.seal(WORDS, place="messages.body", row=rows[0]["id"])
        await self.stage.execute("update messages set body = %s where id = %s", body, rows[0]["id"])
        await self.work()
        mail = next(mail for mail in self.mails if mail.id == rows[0]["id"])
        part = compose_email(mail, domain="prn.example", at=self.stage.now).get_body(("html",))
        assert part is not None
        return unescape(part.get_content())

    async def fetch(
        self, url: str, agent: str = CHROME, *, method: str = "GET", **headers: str
    ) -> tuple[int, bytes, str]:
        response = await self.client.request(
            method, url.removeprefix(PUBLIC), allow_redirects=False, headers={"User-Agent": agent, **headers}
        )
        return response.status, await response.read(), response.headers.get("Location", "")

    async def looks(self) -> list[tuple[str, str, str]]:
        rows = await self.stage.rows("select what, verdict, reason from mail_looks order by at, id")
        return [(row["what"], row["verdict"], row["reason"]) for row in rows]


def picture_of(html: str) -> str:
    return str(re.findall(r'<img src="([^"]+)"', html)[0])


def links_of(html: str) -> list[str]:
    return re.findall(rf'href="({PUBLIC}/m/c/[^"]+)"', html)


@pytest.fixture
async def post(stage: Stage) -> AsyncIterator[Post]:
    stage.desk = replace(stage.desk, house=replace(stage.desk.house, packs=MEASURED))
    app = web.Application()
    studies = set(MEASURED)
    app.add_routes(
        MeasuredMail(
            stage.database, DOORS, stage.desk.rules, studies=studies, gone=lambda: "gone", now=lambda: stage.now
        ).routes()
    )
    async with TestClient(TestServer(app)) as client:
        yield Post(stage, client, studies)


async def test_a_study_that_says_nothing_measures_nothing(post: Post) -> None:
    post.stage.desk = replace(post.stage.desk, house=replace(post.stage.desk.house, packs=PACKS))
    html = await post.reminded(await post.stage.person(channels="email"))
    assert "<img" not in html
    assert "/m/" not in html
    assert '<a href="https://study.example/oak">' in html
    assert await post.stage.rows("select 1 from measured_mails") == []


async def test_an_open_and_a_click_of_a_person_and_the_machine_before_them(post: Post) -> None:
    stage = post.stage
    html = await post.reminded(await stage.person(channels="email"))
    footer = stage.desk.house.registry.render("email/measured", language="en", channel="email", study=STUDY).text
    assert footer.split(",")[0] in html
    stage.now += timedelta(seconds=4)
    status, picture, _ = await post.fetch(picture_of(html), APPLE)
    assert (status, picture[:6]) == (200, b"GIF89a")
    stage.now += timedelta(hours=2)
    assert (await post.fetch(picture_of(html)))[1] == picture
    assert await post.fetch(links_of(html)[1]) == (302, b"", "https://other.example/x")
    assert await post.looks() == [
        ("open", "machine", "apple_relay"),
        ("open", "person", "browser"),
        ("click", "person", "browser"),
    ]
    async with stage.database.begin() as connection:
        counted = await count_looks(connection, study=STUDY, item="kit_reminder")
    assert (counted.mails, counted.opened.person, counted.opened.machine, counted.clicked.person) == (1, 1, 0, 1)


async def test_a_scanner_that_follows_every_link_counts_for_nobody(post: Post) -> None:
    stage = post.stage
    html = await post.reminded(await stage.person(channels="email"))
    stage.now += timedelta(minutes=10)
    for url in links_of(html):
        assert (await post.fetch(url))[0] == 302
        stage.now += timedelta(seconds=1)
    assert await post.looks() == [("click", "person", "browser"), ("click", "machine", "all_links")]
    async with stage.database.begin() as connection:
        counted = await count_looks(connection, study=STUDY)
    assert (counted.clicked.person, counted.clicked.machine) == (0, 1)


async def test_checks_and_prefetches_are_led_on_and_counted_as_machines(post: Post) -> None:
    html = await post.reminded(await post.stage.person(channels="email"))
    post.stage.now += timedelta(hours=1)
    link = links_of(html)[0]
    assert (await post.fetch(link, method="HEAD"))[2] == "https://study.example/oak"
    await post.fetch(link, **{"Sec-Purpose": "prefetch"})
    await post.fetch(link, "Barracuda")
    assert await post.looks() == [
        ("click", "machine", "head"),
        ("click", "machine", "prefetch"),
        ("click", "machine", "scanner"),
    ]


async def test_whatever_is_asked_the_picture_is_the_same_and_a_link_leads_only_where_the_mail_did(post: Post) -> None:
    html = await post.reminded(await post.stage.person(channels="email"))
    post.stage.now += timedelta(hours=1)
    real = await post.fetch(picture_of(html))
    for token in ("x", "a" * 24, DOORS.new_token(), "a" * 3000):
        assert await post.fetch(f"/m/o/{token}.gif") == real
    base = links_of(html)[0].rpartition("/")[0]
    for place in ("0", "3", "99", "1000", "-1", "²", "https:%2F%2Fevil.example"):
        status, _, location = await post.fetch(f"{base}/{place}")
        assert (status, location) == (404, "")
    assert (await post.fetch(f"/m/c/{DOORS.new_token()}/1"))[0] == 404
    assert (await post.fetch(f"{base}/1?to=https://evil.example"))[2] == "https://study.example/oak"
    assert [what for what, *_ in await post.looks()] == ["open", "click"]


async def test_repeats_and_floods_are_kept_ten_times(post: Post) -> None:
    stage = post.stage
    html = await post.reminded(await stage.person(channels="email"))
    for _ in range(3):
        stage.now += timedelta(hours=1)
        for _ in range(30):
            assert (await post.fetch(picture_of(html)))[0] == 200
    numbers = await stage.rows("select number from mail_looks order by number")
    assert [row["number"] for row in numbers] == list(range(1, 11))
    statuses = {(await post.fetch(links_of(html)[0]))[0] for _ in range(12)}
    assert statuses == {302, 429}


@pytest.mark.parametrize("why", ["opted_out", "mail_only", "no_permission", "withdrawn", "late", "switched_off"])
async def test_who_is_not_to_be_written_to_is_not_measured_and_links_still_lead_on(post: Post, why: str) -> None:
    stage = post.stage
    who = await stage.person(channels="email")
    html = await post.reminded(who)
    stage.now += timedelta(hours=1)
    async with stage.database.begin() as connection:
        if why in ("opted_out", "mail_only"):
            channels = ["email"] if why == "mail_only" else None
            await record_opt_out(connection, who, at=stage.now, actor="participant", channels=channels)
        elif why == "no_permission":
            await forbid_contact(connection, who, study=STUDY, at=stage.now, said_on="email")
        elif why == "withdrawn":
            await record_event(connection, who, STUDY, "withdrawn", at=stage.now, now=stage.now, source="test", key="w")
    if why == "late":
        stage.now += timedelta(days=31)
    if why == "switched_off":
        post.studies.clear()
    assert (await post.fetch(picture_of(html)))[0] == 200
    assert (await post.fetch(links_of(html)[0]))[2] == "https://study.example/oak"
    assert await post.looks() == []


async def test_a_mail_that_is_tried_again_keeps_its_token(post: Post) -> None:
    stage = post.stage
    await post.reminded(await stage.person(channels="email"))
    first = post.mails[-1]
    await stage.execute("update messages set status = 'queued', available_at = %s where id = %s", stage.now, first.id)
    await stage.execute("update touchpoints set status = 'queued'")
    await post.work()
    assert post.mails[-1].attributes["picture_url"] == first.attributes["picture_url"]
    assert len(await stage.rows("select 1 from measured_mails")) == 1


async def test_nothing_of_who_looked_is_kept(post: Post) -> None:
    html = await post.reminded(await post.stage.person(channels="email"))
    post.stage.now += timedelta(hours=1)
    await post.fetch(picture_of(html), CHROME + " Peculiar/1", **{"X-Forwarded-For": "203.0.113.7"})
    rows = await post.stage.rows("select to_jsonb(mail_looks) as row from mail_looks")
    kept = str(rows)
    assert len(rows) == 1
    assert "Peculiar" not in kept
    assert "203.0.113" not in kept
    assert "127.0.0.1" not in kept


async def test_an_experiment_counts_who_opened_as_far_as_is_known(post: Post) -> None:
    stage = post.stage
    design = Design(
        name=f"{STUDY}/words",
        seed=1,
        arms=(Arm(name="plain"), Arm(name="warm")),
        strata=("language",),
        outcome="opened",
        within_days=14,
        study=STUDY,
        touchpoint="kit_reminder",
    )
    arms: dict[str, str] = {}
    for agent in (CHROME, CHROME, APPLE, APPLE):
        who = await stage.person(channels="email")
        async with stage.database.begin() as connection:
            arm = await assign_arm(
                connection, design, who, {"language": "en"}, at=stage.now, counts_from=stage.now + timedelta(days=3)
            )
        html = await post.reminded(who)
        stage.now += timedelta(hours=1)
        await post.fetch(picture_of(html), agent)
        arms[f"{len(arms)} {arm.name}"] = agent
    async with stage.database.begin() as connection:
        early = await read_report(connection, design, at=stage.now)
        done = await read_report(connection, design, at=stage.now + timedelta(days=30))
    assert [arm.followed for arm in early] == [0, 0]
    for arm_result in done:
        mine = [agent for name, agent in arms.items() if name.endswith(arm_result.arm)]
        assert (arm_result.followed, arm_result.reached_outcome) == (len(mine), mine.count(CHROME))
    assert sum(arm_result.reached_outcome for arm_result in done) == 2

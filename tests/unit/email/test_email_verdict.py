"""Person, machine or unsure: by what a request says of itself and by when it comes."""

from datetime import timedelta

import pytest

from channels.email.verdict import RULES, Look, judge_look, purpose_in

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0"
GMAIL_AHEAD = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 "
    "Safari/537.36 Edge/12.246 Mozilla/5.0"
)


def look(what: str = "open", agent: str = CHROME, seconds: float = 3600, **more: object) -> str:
    """`verdict reason` of a look an hour after sending, unless said otherwise."""
    fields = {"method": "GET", "purpose": "", **more}
    judged = judge_look(Look(what=what, agent=agent, after=timedelta(seconds=seconds), **fields))  # type: ignore[arg-type]
    return f"{judged.verdict} {judged.reason}"


@pytest.mark.parametrize("agent", [CHROME, IPHONE, FIREFOX])
@pytest.mark.parametrize("what", ["open", "click"])
def test_a_browser_after_a_while_is_a_person(what: str, agent: str) -> None:
    assert look(what, agent) == "person browser"


@pytest.mark.parametrize(
    ("agent", "wanted"),
    [
        (GMAIL, "person proxy"),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "person proxy"),
        (THUNDERBIRD, "person mail_program"),
        ("Mozilla/5.0", "machine apple_relay"),
        (GMAIL_AHEAD, "machine gmail_prefetch"),
        ("", "machine no_program"),
        ("Some Reader 3", "unsure unknown_program"),
        ("Barracuda Sentinel (EE)", "machine scanner"),
        (f"{CHROME} BingPreview/1.0b", "machine scanner"),
        ("Mozilla/5.0 (compatible; proofpoint url defense)", "machine scanner"),
        ("python-requests/2.32", "machine robot"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "machine robot"),
        (CHROME.replace("Chrome", "HeadlessChrome"), "machine robot"),
    ],
)
def test_the_programs_that_fetch_a_picture(agent: str, wanted: str) -> None:
    assert look("open", agent) == wanted


def test_the_relay_is_one_whenever_it_comes_and_a_bare_name_follows_no_link() -> None:
    assert look("open", "Mozilla/5.0", 2) == look("open", "Mozilla/5.0", 86400) == "machine apple_relay"
    assert look("click", "Mozilla/5.0") == "unsure unknown_program"


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose", "X-Moz", "X-Purpose"])
def test_what_says_that_it_comes_ahead_is_a_machine(header: str) -> None:
    assert look("click", purpose=purpose_in({header: "prefetch;prerender"})) == "machine prefetch"


def test_a_head_is_a_check() -> None:
    assert look("click", method="HEAD") == look("open", GMAIL, method="HEAD") == "machine head"


@pytest.mark.parametrize(
    ("what", "seconds", "wanted"),
    [
        ("click", 0, "machine at_once"),
        ("click", 9.9, "machine at_once"),
        ("click", 10, "unsure soon"),
        ("click", 59, "unsure soon"),
        ("click", 60, "person browser"),
        ("open", 9.9, "unsure at_once"),
        ("open", 10, "person browser"),
        ("click", -3, "machine at_once"),
    ],
)
def test_what_comes_too_soon_for_anybody_is_not_counted_as_a_person(what: str, seconds: float, wanted: str) -> None:
    assert look(what, CHROME, seconds) == wanted


def test_who_follows_every_link_at_once_is_a_machine_and_who_comes_after_it_may_be_one() -> None:
    assert look("click", others=True) == "machine all_links"
    assert look("click", machine_before=True) == "unsure after_a_machine"
    assert look("open", machine_before=True) == "person browser"


def test_the_last_rule_fits_everything_and_each_says_why() -> None:
    assert look(agent="?", what="click") == "unsure unknown_program"
    assert all(rule.why.endswith(".") for rule in RULES)
    assert not any(rule.verdict == "person" for rule in RULES if not rule.agent)

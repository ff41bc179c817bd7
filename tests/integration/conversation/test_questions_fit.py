"""Every question of the shipped packs that may go by SMS goes whole: one that is cut loses its options, and can't be answered."""

import pytest

from conversation.content import Registry
from engagement.instruments import Instrument
from engagement.interviews.interview import Interview, begin
from engagement.interviews.questions import question_lines
from engagement.questionnaires import take_text
from service.house import fit_sms
from tests.harness.fake_bot import FakeBot
from tests.harness.place import Place, run_service
from tests.unit.questionnaires.generated import AT
from tests.unit.studies.scripts import SCRIPTS


@pytest.mark.parametrize("language", ["en", "es"])
async def test_no_question_is_cut(place: Place, fake_bot: FakeBot, language: str) -> None:
    cut: list[str] = []
    async with run_service(place) as service:
        house = service.built.house
        for (study, name), scripts in SCRIPTS.items():
            for script in scripts:
                answers = {link: given[language == "es"] for link, given in script.items()}
                instrument = house.instruments[study].forms[name]
                cut += _cut(house.registry, instrument, answers, study=study, language=language)
    assert cut == []


def _cut(
    registry: Registry, instrument: Instrument, answers: dict[str, str], *, study: str, language: str
) -> list[str]:
    """The questions of one run that do not fit, in full."""
    found: list[str] = []
    interview = begin(instrument, at=AT)
    while (ask := interview.asked) is not None:
        if not instrument.is_sensitive(ask.item):
            for line in question_lines(interview, channel="sms"):
                text = registry.render(line.key, language=language, channel="sms", study=study, values=line.values).text
                found += [text] if len(fit_sms(text, "…")) > 1 or fit_sms(text, "…")[0].endswith("…") else []
        said = answers.get(ask.item.link_id, "skip" if language == "en" else "saltar")
        taken = take_text(interview.state, ask, said, language=language, at=AT, region="US")
        assert taken.state is not interview.state, (ask.item.link_id, taken.reading)
        interview = Interview(instrument=instrument, state=taken.state, asked=taken.state.ask)
    return found

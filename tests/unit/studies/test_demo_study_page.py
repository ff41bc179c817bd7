"""The demonstration's study page promises nothing that the study pack does not say."""

import json

import pytest

from engagement.instruments import load_instruments
from engagement.studies import load_packs
from service.settings import ROOT

STUDY = "parkinson-lrrk2-gba1"
PAGE = json.loads((ROOT / "service/demo/pages/static/study.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_who_can_ask_to_join_is_in_the_words_of_the_criteria(language: str) -> None:
    pack = load_packs(ROOT / "studies")[STUDY]
    instruments = load_instruments(ROOT / "studies" / STUDY, study=STUDY, languages=pack.languages)[0]
    assert instruments.eligibility is not None
    meant = [criterion.meaning[language] for criterion in instruments.eligibility.criteria]
    assert PAGE[language]["who_list"][:3] == meant[:3]

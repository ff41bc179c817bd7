"""Every kind of fault a study pack can have is named once, with its file and line, and nothing else is."""

import random
from pathlib import Path

import pytest

from engagement.studies import BadStudyPack, check_pack, check_packs, load_pack, load_packs
from engagement.words.placeholders import FACTS

_HEAD = """\
slug: oak
languages: [en, es]
title:
  en: A study of the heart
  es: Un estudio del corazón
name:
  en: Oakheart
  es: Oakheart
programme:
  en: Perennial Research
  es: Perennial Research
sponsor: Oak Institute
time_zone: America/Chicago
sites:
  - token: oak-front-page
    origins: ["https://www.example.org"]
sms:
  numbers: ["+15005550006"]
email:
  local_parts: ["oak"]
contacts:
  coordinator: Maya Torres
  phone: "+1 202-555-0143"
  email: care@example.org
  hours:
    en: Monday to Friday, 8 am to 6 pm
    es: de lunes a viernes, de 8 a 18
support:
  open: "08:00"
  close: "18:00"
  days: [mon, tue, wed, thu, fri]
  answer_within_hours: 2
safety:
  crisis_line:
    en: call or text 988
    es: llame al 988
  emergency_number: "911"
  poison_line: 1-800-222-1222
sensitive_in_sms: false
sensitive_terms: [Heart failure, MYH7]
stages: [first_contact, prescreened]
facts:
"""
VALID = _HEAD + "".join(f"  {name}:\n    en: This is the {name}.\n    es: Esto es todo.\n" for name in FACTS)
WORDS = """\
approval: OAK-1
texts:
  faq/cost:
    text: "{fact.cost}"
    sms: "Ask us. {fact.travel}"
    replies: [replies/yes]
"""
SHARED = """\
approval: ALL-1
texts:
  greet:
    text: "Hello."
  replies/yes:
    text: "Yes"
"""


def repository(root: Path, study: str = VALID, *, slug: str = "oak", words: str = WORDS) -> Path:
    """A small repository with one pack; returns the pack's folder."""
    for language in ("en", "es"):
        for folder, text in ((root / "content", SHARED), (root / "studies" / slug / "content", words)):
            (folder / language).mkdir(parents=True, exist_ok=True)
            (folder / language / "all.yml").write_text(text, encoding="utf-8")
    (root / "studies" / slug / "study.yml").write_text(study, encoding="utf-8")
    return root / "studies" / slug


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def line_of(text: str, marker: str) -> int:
    lines = [number for number, line in enumerate(text.splitlines(), 1) if marker in line]
    assert len(lines) == 1, f"{marker!r} is on lines {lines}"
    return lines[0]


def test_a_pack_without_faults_loads(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    assert check_pack(folder) == []
    assert load_pack(folder).slug == "oak"


FAULTS = {
    "unknown field": ("time_zone:", "sponser: x\ntime_zone:", "sponser: x", "unknown field 'sponser'"),
    "unknown field inside": ("  open:", "  opens: x\n  open:", "opens: x", "unknown field 'support.opens'"),
    "missing field": ("sponsor: Oak Institute\n", "", "slug:", "sponsor: is missing"),
    "missing field inside": ('  emergency_number: "911"\n', "", "safety:", "safety.emergency_number: is missing"),
    "a mapping where a text belongs": (
        "sponsor: Oak",
        "sponsor: # text\n  a: Oak",
        "# text",
        "sponsor: must be text",
    ),
    "a number where a text belongs": ('"911"', "911", "911", "safety.emergency_number: must be text; put a number"),
    "a word where a number belongs": ("hours: 2", "hours: two", "two", "support.answer_within_hours: must be a whole"),
    "yes where a list belongs": ("[first_contact, prescreened]", "yes", "stages:", "stages: must be a list"),
    "a text where fields belong": (
        'email:\n  local_parts: ["oak"]',
        "email: oak",
        "email: oak",
        "email: must have fields of its own",
    ),
    "a measure in words": (
        'local_parts: ["oak"]',
        'local_parts: ["oak"]\n  measured: sometimes',
        "sometimes",
        "email.measured: must be true or false",
    ),
    "a truth value in words": ("in_sms: false", "in_sms: never", "never", "sensitive_in_sms: must be true or false"),
    "empty text": ("sponsor: Oak Institute", 'sponsor: ""', 'sponsor: ""', "sponsor: is empty"),
    "slug is not the folder": ("slug: oak", "slug: elm", "slug: elm", "'elm' is not the folder's name 'oak'"),
    "time zone": ("America/Chicago", "America/Chicagoo", "Chicagoo", "'America/Chicagoo' is no IANA time zone"),
    "time zone that leaves its folder": ("America/Chicago", "../../etc", "../../etc", "no IANA time zone"),
    "SMS number": ('"+15005550006"', '"500 555 0006"', "500 555", "sms.numbers.0: '500 555 0006' is no phone number"),
    "SMS number not E.164": ('"+15005550006"', '"+1 500 555 0006"', "+1 500", "in the form +12025550143"),
    "contact phone": ("+1 202-555-0143", "202-555-0143", "202-555", "contacts.phone: '202-555-0143' is no phone"),
    "e-mail": ("care@example.org", "care.example.org", "care.example", "'care.example.org' is no e-mail address"),
    "local part": ('["oak"]', '["oak+1"]', "oak+1", "email.local_parts.0: 'oak+1' can't stand before @"),
    "origin": ("https://www.example.org", "www.example.org/", "www.example", "sites.0.origins.0: 'www.example.org/'"),
    "origin with a path": ("www.example.org", "www.example.org/a", "example.org/a", "is no origin"),
    "short token": ("oak-front-page", "oak", "token: oak", "sites.0.token: 'oak' is no site token"),
    "translation missing": ("  es: Un estudio del corazón\n", "", "title:", "title: has no text in 'es'"),
    "translation of a fact missing": ("    en: This is the cost.\n", "", "  cost:", "facts.cost: has no text in 'en'"),
    "translation too many": ("es: llame", "fr: appelez\n    es: llame", "fr:", "'fr' is not among the languages"),
    "fact missing": (
        "  travel:\n    en: This is the travel.\n    es: Esto es todo.\n",
        "",
        "facts:",
        "facts: 'travel' is missing",
    ),
    "fact is no sentence": (
        "This is the kit.",
        "a kit by mail",
        "a kit by mail",
        "facts.kit.en: write whole sentences",
    ),
    "fact without a stop": ("This is the kit.", "This is the kit", "is the kit", "facts.kit.en: write whole sentences"),
    "fact with a placeholder": ("This is the kit.", "It is {kit}.", "It is", "facts.kit.en: a placeholder can't stand"),
    "fact name": (
        "  kit:",
        "  Big-Kit:\n    en: A big kit.\n    es: Un kit grande.\n  kit:",
        "Big-Kit:",
        "is no name for a",
    ),
    "token twice": (
        "sms:\n",
        "  - token: oak-front-page # again\nsms:\n",
        "# again",
        "sites: the token 'oak-front-page' stands here twice",
    ),
    "number twice": (
        '["+15005550006"]',
        '\n    - "+15005550006"\n    - "+15005550006" # again',
        "# again",
        "sms.numbers: the number '+15005550006' stands here twice",
    ),
    "stage twice": ("prescreened]", "first_contact]", "stages:", "stages: the stage 'first_contact' stands here twice"),
    "unknown stage": ("prescreened]", "screened]", "screened]", "unknown stage 'screened'"),
    "unknown day": ("thu, fri", "thu, friday", "friday", "support.days.4: Input should be 'mon'"),
    "no day": ("[mon, tue, wed, thu, fri]", "[]", "days:", "support.days: must have at least one entry"),
    "closes before it opens": ('"18:00"', '"07:00"', "07:00", "closing at 07:00 is not after opening at 08:00"),
    "time without quotes": ('"18:00"', "18:00", "close:", "support.close: 1080 is no time; write it in quotes"),
    "promise longer than a day": ("hours: 2", "hours: 11", "hours: 11", "11 hours are more than a day's"),
    "key twice": (
        "sponsor: Oak",
        "sponsor: Elm\nsponsor: Oak",
        "sponsor: Oak",
        "'sponsor' stands here twice, first",
    ),
    "sensitive fact by SMS": (
        "This is the travel.",
        "Travel with HEART FAILURE is paid.",
        "HEART FAILURE",
        "fact.travel: 'Heart failure' would go into an SMS by the text 'faq/cost'",
    ),
    "fact makes an SMS too long": (
        "This is the travel.",
        f"This {'is paid ' * 60}.",
        "is paid",
        "the SMS 'faq/cost' takes 4 segments with this",
    ),
}


@pytest.mark.parametrize(("old", "new", "marker", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_in_study_yml(tmp_path: Path, old: str, new: str, marker: str, message: str) -> None:
    text = replaced(VALID, old, new)
    folder = repository(tmp_path, text)
    faults = check_pack(folder)
    assert [(fault.file, fault.line) for fault in faults] == [(folder / "study.yml", line_of(text, marker))]
    assert message in faults[0].message
    assert str(faults[0]) == f"{faults[0].file}:{faults[0].line}: {faults[0].message}"
    with pytest.raises(BadStudyPack) as raised:
        load_pack(folder)
    assert raised.value.faults == faults


def test_an_unknown_language(tmp_path: Path) -> None:
    folder = repository(tmp_path, replaced(VALID, "[en, es]", "[en, es, fr]"))
    messages = [str(fault) for fault in check_pack(folder)]
    assert f"{folder / 'study.yml'}:2: languages: there are no words in 'fr'; known are en, es" in messages
    assert f"{folder / 'study.yml'}:3: title: has no text in 'fr'" in messages


def test_every_fault_is_named_not_only_the_first(tmp_path: Path) -> None:
    text = VALID
    for name in (
        "unknown field",
        "time zone",
        "e-mail",
        "fact is no sentence",
        "unknown stage",
        "slug is not the folder",
    ):
        text = replaced(text, *FAULTS[name][:2])
    folder = repository(tmp_path, text)
    assert len(check_pack(folder)) == 6


@pytest.mark.parametrize(
    ("raw", "line", "message"),
    [
        (b"slug: oak\ntitle: [a\n", 3, "not readable as YAML"),
        (b"slug: oak\ntitle: \xff\n", 2, "not UTF-8"),
        (b"a: &x [1]\nb: *x\n", 2, "aliases (*x) are not allowed"),
        (b"a: 1\nb: " + b"[" * 30 + b"]" * 30, 2, "nested more than 20 levels"),
        (b"slug: oak\n" + b"# long\n" * 200_000, 1, "larger than 1 MB"),
        (b"- slug\n", 1, "study.yml is a mapping of fields"),
        (b"", 1, "study.yml is a mapping of fields"),
        (b"slug: oak\n---\nslug: elm\n", 2, "expected a single document"),
        (b"slug: oak\nname: !!python/name:os.system x\n", 2, "is not allowed"),
        (b"slug: oak\nname: a\x00b\n", 2, "control character"),
    ],
    ids=["syntax", "encoding", "alias", "depth", "size", "list", "empty", "two documents", "tag", "control"],
)
def test_a_file_that_is_no_pack_at_all(tmp_path: Path, raw: bytes, line: int, message: str) -> None:
    folder = repository(tmp_path)
    (folder / "study.yml").write_bytes(raw)
    found = [fault for fault in check_pack(folder) if message in fault.message]
    assert [(fault.file, fault.line) for fault in found] == [(folder / "study.yml", line)]


def test_study_yml_is_missing(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    (folder / "study.yml").unlink()
    assert [str(fault) for fault in check_pack(folder)] == [
        f"{folder / 'study.yml'}:1: can't be read: No such file or directory"
    ]


def test_unknown_files(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    (folder / "content" / "en" / "more.yaml").write_text("x", encoding="utf-8")
    (folder / ".DS_Store").write_text("x", encoding="utf-8")
    assert [(fault.file.name, fault.line) for fault in check_pack(folder)] == [("more.yaml", 1), ("notes.txt", 1)]


WORD_FAULTS = {
    "own words": ("faq/cost:", "faq/Cost:", "faq/Cost:", "keys are small letters"),
    "quick reply of nowhere": ("replies/yes", "replies/maybe", "text:", "quick reply 'replies/maybe' has no text"),
    "unknown fact": ("{fact.cost}", "{fact.parking}", "text:", "{fact.parking} is no fact of study.yml"),
    "study name by SMS": ("Ask us.", "{study.name}:", "sms:", "puts {study.name} into an SMS; say it without"),
    "condition by SMS": ("Ask us.", "Heart failure:", "sms:", "puts 'Heart failure' into an SMS"),
}


@pytest.mark.parametrize(("old", "new", "marker", "message"), WORD_FAULTS.values(), ids=WORD_FAULTS.keys())
def test_a_fault_in_the_words_of_a_pack(tmp_path: Path, old: str, new: str, marker: str, message: str) -> None:
    words = replaced(WORDS, old, new)
    folder = repository(tmp_path, words=words)
    faults = check_pack(folder)
    places = {(fault.file, fault.line) for fault in faults}
    line = line_of(words, marker)
    assert places == {(folder / "content" / language / "all.yml", line) for language in ("en", "es")}
    assert all(message in fault.message for fault in faults)


def test_a_text_without_an_sms_variant_goes_by_sms_too(tmp_path: Path) -> None:
    words = replaced(WORDS, '    sms: "Ask us. {fact.travel}"\n', "").replace("{fact.cost}", "Welcome to {study.name}.")
    faults = check_pack(repository(tmp_path, words=words))
    assert [fault.line for fault in faults] == [4, 4]
    assert all("give it an 'sms' text" in fault.message for fault in faults)


def test_a_study_may_allow_its_name_in_an_sms(tmp_path: Path) -> None:
    words = replaced(WORDS, "Ask us.", "{study.name}: ask us.")
    folder = repository(tmp_path, replaced(VALID, "in_sms: false", "in_sms: true"), words=words)
    assert check_pack(folder) == []


def test_own_words_in_one_language_only(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    (folder / "content" / "es" / "all.yml").unlink()
    assert [str(fault) for fault in check_pack(folder)] == [
        f"{folder / 'content' / 'en' / 'all.yml'}:4: faq/cost: has no text in es"
    ]


def test_a_broken_approval_of_a_pack(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    (folder / "content" / "approvals").mkdir()
    approval = folder / "content" / "approvals" / "OAK-1.yml"
    approval.write_text("approved_by: Ana\napproved_on: 2026-11-24\ntexts:\n  abc: faq/cost en\n", encoding="utf-8")
    assert [(fault.file, fault.line) for fault in check_pack(folder)] == [(approval, 4)]


def test_what_two_packs_claim(tmp_path: Path) -> None:
    repository(tmp_path)
    elm = repository(tmp_path, replaced(VALID, "slug: oak", "slug: elm"), slug="elm")
    faults = check_packs(tmp_path / "studies")
    text = (elm.parent / "oak" / "study.yml").read_text(encoding="utf-8")
    lines = [line_of(text, marker) for marker in ("token:", "numbers:", "local_parts:")]
    assert [(fault.file.parent.name, fault.line) for fault in faults] == [
        *(("elm", line) for line in lines),
        *(("oak", line) for line in lines),
    ]
    assert faults[0].message == "the site token 'oak-front-page' belongs to another study too: oak"
    with pytest.raises(BadStudyPack):
        load_packs(tmp_path / "studies")


def test_all_packs_load_by_slug(tmp_path: Path) -> None:
    repository(tmp_path)
    other = VALID.replace("slug: oak", "slug: elm").replace("oak-front", "elm-front").replace("550006", "550007")
    repository(tmp_path, other.replace('["oak"]', '["elm"]'), slug="elm")
    assert sorted(load_packs(tmp_path / "studies")) == ["elm", "oak"]


def test_the_hash_of_a_pack_follows_what_it_says(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    before = load_pack(folder).sha256
    repository(tmp_path, "# a note\n" + VALID)
    assert load_pack(folder).sha256 == before
    repository(tmp_path, replaced(VALID, "This is the kit.", "This is the box."))
    assert load_pack(folder).sha256 != before


JUNK = ("[]", "{}", "null", "12", "yes", "[1, {a: 2}]", "{en: [1]}", "2026-01-01", '""', "!!binary aGk=", "*a", "'")


def spoilt(text: str, chance: random.Random) -> str:
    """The text with one to three lines lost, doubled, moved or with junk for a value."""
    lines = text.splitlines()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                del lines[at]
            case 1:
                lines[at] = f"{lines[at].partition(':')[0]}: {chance.choice(JUNK)}"
            case 2:
                lines.insert(at, chance.choice(lines))
            case _:
                lines[at] = f"  {lines[at]}"
    return "\n".join(lines) + "\n"


def test_whatever_is_written_the_check_ends_with_faults_in_lines_that_exist(tmp_path: Path) -> None:
    chance = random.Random(11)
    for _ in range(60):
        study, words = spoilt(VALID, chance), spoilt(WORDS, chance)
        folder = repository(tmp_path, study, words=words)
        faults = check_pack(folder)
        for fault in faults:
            assert 1 <= fault.line <= len(fault.file.read_text(encoding="utf-8").splitlines()) + 1
            assert "\n" not in fault.message
        if faults:
            with pytest.raises(BadStudyPack):
                load_pack(folder)
        else:
            load_pack(folder)

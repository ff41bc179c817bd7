"""Every number and every day, written out by rule, is read back as itself."""

import datetime
import random
import re

import pytest

from engagement.answers import Expectation, Quantity, Understood, read_answer

TODAY = datetime.date(2026, 11, 24)
ONES = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
UNOS = """
    cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete
    dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete
    veintiocho veintinueve
"""
DECENAS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
CIENTOS = "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
DAYS = {
    "en": """
        {M} {d}, {y} | {d} {M} {y} | {m}/{d}/{y} | {y}-{m:02}-{d:02} | {a} {d} {y} | the {d}th of {M}, {y}
        on {M} {d}, {y}. | {d}-{a}-{y} | it was {a}. {d}, {y}
    """,
    "es": """
        {d} de {M} de {y} | el {d} de {M} del {y} | {d}/{m}/{y} | {d:02}-{m:02}-{y} | {d} {M} {y} | fue el {d} de {M}, {y}
    """,
}


def english(number: int) -> str:
    if number < 20:
        return ONES.split()[number]
    if number < 100:
        return TENS.split()[number // 10 - 2] + (f"-{english(number % 10)}" if number % 10 else "")
    if number < 1_000:
        return f"{english(number // 100)} hundred" + (f" and {english(number % 100)}" if number % 100 else "")
    rest = f", {english(number % 1_000)}" if number % 1_000 >= 100 else f" and {english(number % 1_000)}"
    return f"{english(number // 1_000)} thousand" + (rest if number % 1_000 else "")


def spanish(number: int) -> str:
    if number < 30:
        return UNOS.split()[number]
    if number < 100:
        return DECENAS.split()[number // 10 - 3] + (f" y {spanish(number % 10)}" if number % 10 else "")
    if number == 100:
        return "cien"
    if number < 1_000:
        return CIENTOS.split()[number // 100 - 1] + (f" {spanish(number % 100)}" if number % 100 else "")
    thousands = "mil" if number < 2_000 else f"{spanish(number // 1_000)} mil"
    return thousands + (f" {spanish(number % 1_000)}" if number % 1_000 else "")


NUMBERS = [*range(250), *range(250, 2_100, 13), *range(2_100, 30_000, 389)]


@pytest.mark.parametrize(("language", "spell"), [("en", english), ("es", spanish)])
def test_numbers_in_words(language: str, spell: object) -> None:
    assert callable(spell)
    wrong = {
        words: reading
        for number in NUMBERS
        if (reading := read_answer(words := spell(number), Expectation(kind="integer"), language=language, today=TODAY))
        != Understood(values=(number,))
    }
    assert wrong == {}


@pytest.mark.parametrize(("language", "region"), [("en", "US"), ("es", "MX")])
def test_days_in_every_form(language: str, region: str) -> None:
    chance = random.Random(8)
    wrong = {}
    for _ in range(150):
        day = datetime.date(1935, 1, 1) + datetime.timedelta(days=chance.randrange(33_000))
        name = MONTHS[language].split()[day.month - 1]
        for form in re.split(r" \| |\n", DAYS[language].strip()):
            text = form.strip().format(M=name, a=name[:3], m=day.month, d=day.day, y=day.year)
            reading = read_answer(text, Expectation(kind="date"), language=language, today=TODAY, region=region)
            if reading != Understood(values=(day.isoformat(),)):
                wrong[text] = reading
    assert wrong == {}


def test_heights_in_feet_and_inches() -> None:
    for feet in range(3, 8):
        for inches in range(12):
            for form in ("{}'{}\"", "{} ft {} in", "{} feet {}", "{}'{}"):
                reading = read_answer(
                    form.format(feet, inches), Expectation(kind="quantity", unit="cm"), language="en", today=TODAY
                )
                assert isinstance(reading, Understood)
                (height,) = reading.values
                assert isinstance(height, Quantity)
                assert abs(float(height.value) - (feet * 12 + inches) * 2.54) < 0.06

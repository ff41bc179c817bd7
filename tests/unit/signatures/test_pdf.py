"""The copy opens, carries every text that was shown, the signature and the hashes, and is tagged for screen readers."""

import io
from typing import Any

import pypdf
import pytest

from conversation.signed import COPY_LABELS
from engagement.signatures.pdf import render_copy, written_time
from engagement.signatures.record import Answered, Proof, SignatureRecord
from engagement.signatures.sheet import Sheet, lay_out
from engagement.words import load_words
from service.settings import ROOT
from tests.unit.signatures.made import AT, a_record, shipped

WORDS, _ = load_words(ROOT / "content")
SHA256 = "0123456789abcdef" * 4


def labels(language: str) -> dict[str, str]:
    return {
        word.key.removeprefix("signing/copy/"): word.text
        for word in WORDS
        if word.language == language and word.key.startswith("signing/copy/")
    }


def copy_of(*records: SignatureRecord, language: str = "en") -> pypdf.PdfReader:
    signed = [(record, SHA256) for record in records]
    pdf = render_copy(lay_out(shipped(), language), signed, labels(language), author="Larkspur")
    return pypdf.PdfReader(io.BytesIO(pdf), strict=True)


def squeezed(text: str) -> str:
    """Without spaces: where a line breaks is the paper's business."""
    return "".join(text.split())


def text_of(pdf: pypdf.PdfReader) -> str:
    """The text of all pages, their footers left out: a paragraph may run on from page to page."""
    found = []
    for number, page in enumerate(pdf.pages, start=1):
        lines = page.extract_text().splitlines()
        assert squeezed(lines[-1]).endswith(f"{number}/{len(pdf.pages)}"), "the footer is the last line"
        found += lines[:-1]
    return squeezed("".join(found))


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_label_has_words(language: str) -> None:
    assert set(labels(language)) == set(COPY_LABELS)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_text_shown_is_the_text_in_the_file(language: str) -> None:
    sheet = lay_out(shipped(), language)
    found = text_of(copy_of(a_record(language=language), language=language))
    for text in [*sheet.texts(), sheet.sha256, SHA256, "Sam Rivera", "I agree.", written_time(a_record())]:
        assert squeezed(text) in found, text


def test_the_sheet_holds_all_that_is_agreed_to() -> None:
    for language in ("en", "es"):
        sheet: Sheet = lay_out(shipped(), language)
        shown = squeezed("".join(sheet.texts()))
        for text in shipped().agreed():
            assert squeezed(text.in_(language)) in shown, text.key


def test_tagged_for_screen_readers() -> None:
    pdf = copy_of(a_record(language="es"), language="es")
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value
    assert root["/StructTreeRoot"]["/Type"] == "/StructTreeRoot"
    assert root["/Lang"] == "es"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert pdf.metadata is not None
    assert pdf.metadata.title == lay_out(shipped(), "es").title
    assert b"pdfuaid" in root["/Metadata"].get_data()
    kinds = tags(root["/StructTreeRoot"])
    assert {"/H1", "/H2", "/H3", "/P"} <= kinds


def tags(node: Any) -> set[str]:
    """The kinds of structure elements below a node."""
    node = node.get_object()
    if isinstance(node, list):
        return {kind for each in node for kind in tags(each)}
    if not isinstance(node, dict):
        return set()
    return ({str(node["/S"])} if "/S" in node else set()) | (tags(node["/K"]) if "/K" in node else set())


def test_yes_and_no_as_they_were_answered() -> None:
    sheet = lay_out(shipped(), "en")
    answers = tuple(
        Answered(id=line.id, purpose="", scope="", words=line.text, granted=number % 2 == 0)
        for number, line in enumerate(sheet.permissions)
    )
    found = text_of(copy_of(a_record(permissions=answers)))
    for number, line in enumerate(sheet.permissions):
        assert squeezed(f"{line.text} {'Yes.' if number % 2 == 0 else 'No.'}") in found


@pytest.mark.parametrize(
    "name",
    [
        '#import "/etc/passwd": *',
        "#let x = 1; #x $ y $ *bold* _em_ `raw` <label> @ref \\ // c /* d */",
        "[Sam] = Rivera - + / ~ -- ---",
        '"}, "title": "x',
        "José Ñíguez Nguyễn Иван Ωμέγα",
        "x" * 100,
    ],
)
def test_a_name_is_text_and_nothing_else(name: str) -> None:
    assert squeezed(name) in text_of(copy_of(a_record(name=name)))


def test_a_name_that_no_font_shows_is_written_by_its_code_points() -> None:
    signs = [chr(0x12000 + number) for number in range(20)]
    found = text_of(copy_of(a_record(name=f"Sam {''.join(signs)}")))
    assert "Sam" + "".join(f"[U+{ord(sign):04X}]" for sign in signs) in found


def test_who_signed_for_whom_and_in_what_order() -> None:
    proof = Proof(how="present", at=AT)
    found = text_of(
        copy_of(
            a_record(role="representative", for_name="Lia Rivera", relationship="Parent"),
            a_record(role="assent", answer="unable", reason="Too young.", name="", identity=(proof,)),
            a_record(role="staff", name="Priya Lindqvist", identity=(Proof(how="password", at=AT),)),
        )
    )
    signatures = found[found.index("Signatures") :]
    marks = ["Signedfor:LiaRivera", "Couldnotanswer", "Tooyoung.", "PriyaLindqvist", "apassword"]
    places = [signatures.index(mark) for mark in marks]
    assert places == sorted(places)

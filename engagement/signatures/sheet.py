"""A consent document laid out for reading: the one order of its texts that the web page and the PDF both follow."""

from dataclasses import dataclass

from engagement.consent import ConsentDocument


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that people ask, and the answer's paragraphs."""

    question: str
    answer: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    more: tuple[str, ...]
    questions: tuple[Asked, ...]


@dataclass(frozen=True, kw_only=True)
class PermissionLine:
    """One permission to be answered."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Every text that a signature agrees to, in one language. `assent`: paragraphs, none where nobody assents."""

    language: str
    version: str
    sha256: str
    title: str
    parts: tuple[Part, ...]
    permissions: tuple[PermissionLine, ...]
    agreement: str
    assent: tuple[str, ...]

    def texts(self) -> list[str]:
        """All of it, in order, as the PDF must carry it."""
        found = [self.title]
        for part in self.parts:
            found += [part.title, *part.paragraphs, *part.more]
            for asked in part.questions:
                found += [asked.question, *asked.answer]
        return [*found, *(line.text for line in self.permissions), self.agreement, *self.assent]


def lay_out(document: ConsentDocument, language: str) -> Sheet:
    """The document in one of its languages."""
    return Sheet(
        language=language,
        version=document.version,
        sha256=document.sha256(language),
        title=document.title.in_(language),
        parts=tuple(
            Part(
                id=section.id,
                title=section.title.in_(language),
                paragraphs=_paragraphs(section.text.in_(language)),
                more=_paragraphs(section.more.in_(language)) if section.more is not None else (),
                questions=tuple(
                    Asked(question=question.asked.in_(language), answer=_paragraphs(question.answer.in_(language)))
                    for question in section.questions
                ),
            )
            for section in document.sections
        ),
        permissions=tuple(PermissionLine(id=each.id, text=each.text.in_(language)) for each in document.permissions),
        agreement=document.agreement.in_(language),
        assent=_paragraphs(document.assent.in_(language)) if document.assent is not None else (),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip())

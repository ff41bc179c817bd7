"""All words there are: those for every study and those of each study, each folder with its own approvals."""

from dataclasses import dataclass
from pathlib import Path

from engagement.consent import load_consents
from engagement.instruments import load_instruments
from engagement.words.approvals import Approval, read_approvals
from engagement.words.loading import load_words
from engagement.words.wording import Wording
from engagement.yaml_lines import Fault, in_order, read_yaml


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """The words of one folder, of questionnaires and consent documents too.

    `study` is "" for `content/`; `approvals`: those that count for it.
    """

    folder: Path
    study: str
    words: tuple[Wording, ...]
    approvals: tuple[Approval, ...]
    faults: tuple[Fault, ...]

    def approval_of(self, wording: Wording) -> str | None:
        """The id of the approval that lists this text as it now stands; None where nobody approved it."""
        return next((approval.id for approval in self.approvals if wording.sha256 in approval.texts), None)

    def unapproved(self) -> list[Wording]:
        """The texts that production must not send."""
        return [wording for wording in self.words if self.approval_of(wording) is None]


def load_shelves(content: Path, studies: Path) -> list[Shelf]:
    """`content/` first, then `studies/<slug>/content/` by slug, with the faults of words and approvals."""
    shared = _shelf(content, "", shared=None)
    folders = sorted(
        path for path in studies.glob("*/content") if path.is_dir() and not path.parent.name.startswith(".")
    )
    return [shared, *(_shelf(folder, folder.parent.name, shared=shared) for folder in folders)]


def _shelf(folder: Path, study: str, *, shared: Shelf | None) -> Shelf:
    words, faults = load_words(folder, study=study, shared=shared.words if shared else None)
    if study:
        document, _ = read_yaml(folder.parent / "study.yml")
        languages = document.at("languages") if document is not None else None
        if isinstance(languages, list):
            spoken = tuple(map(str, languages))
            for load in (load_instruments, load_consents):
                _, found, broken = load(folder.parent, study=study, languages=spoken)
                words, faults = [*words, *found], [*faults, *broken]
    approvals, broken = read_approvals(folder)
    return Shelf(
        folder=folder,
        study=study,
        words=tuple(words),
        approvals=(*(shared.approvals if shared else ()), *approvals),
        faults=tuple(in_order([*faults, *broken])),
    )

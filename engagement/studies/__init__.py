"""Study packs: what a study is, read from `studies/<slug>/`, with every fault named by file and line."""

from engagement.stages import STAGES
from engagement.studies.checking import BadStudyPack, check_pack, check_packs, load_pack, load_packs
from engagement.studies.expected import Expected, decide_expected
from engagement.studies.filling import UnknownLanguage, placeholders
from engagement.studies.pack import Safety, Site, StudyPack, Support

__all__ = [
    "STAGES",
    "BadStudyPack",
    "Expected",
    "Safety",
    "Site",
    "StudyPack",
    "Support",
    "UnknownLanguage",
    "check_pack",
    "check_packs",
    "decide_expected",
    "load_pack",
    "load_packs",
    "placeholders",
]

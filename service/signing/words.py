"""The labels of the pages and of the copy: approved words, all of them there, filled in for the study."""

from collections.abc import Iterable, Mapping

from conversation.content import Registry

PAGE = (
    *("title", "skip", "link_title", "link_text", "who_title", "who_text", "who_how", "by_sms", "by_email"),
    *("send_code", "send_again", "code", "code_hint", "open", "sent", "no_reach_title", "no_reach_text"),
    *("languages", "contents", "version", "print_hint", "questions", "permissions", "permissions_hint"),
    *("yes", "no", "agreement", "read_only", "sign_title", "sign_intro", "sign_send", "sign_code", "name", "agree"),
    *(
        "button",
        "for_name",
        "relationship",
        "parent",
        "guardian",
        "other_representative",
        "assent_words",
        "assent_title",
    ),
    *("assent_intro", "assent_question", "assent_agrees", "assent_declines", "assent_unable", "assent_name"),
    *("assent_reason", "too_young", "too_ill", "assent_button", "witness_title", "witness_intro", "witness_meaning"),
    *("witness_name", "witness_agree", "done_title", "done_text", "waiting_text", "declined_title", "declined_text"),
    *("download", "outdated_title", "outdated_text", "problems"),
)
PROBLEMS = (
    *("name", "for_name", "relationship", "permissions", "needed", "agreed", "answer", "reason", "changed"),
    *("code_wrong", "code_expired", "code_too_many", "not_sent"),
)
RELATIONSHIPS = ("parent", "guardian", "other_representative")
REASONS = ("too_young", "too_ill")


def page_words(registry: Registry, *, language: str, study: str) -> Mapping[str, str]:
    """The labels by name; those of problems as "problem_<name>"."""
    labels = _filled(registry, "signing/page/", PAGE, language=language, study=study)
    problems = _filled(registry, "signing/problem/", PROBLEMS, language=language, study=study)
    return {**labels, **{f"problem_{name}": text for name, text in problems.items()}}


def _filled(
    registry: Registry, beginning: str, names: Iterable[str], *, language: str, study: str
) -> Mapping[str, str]:
    return {
        name: registry.render(beginning + name, language=language, channel="webchat", study=study).text
        for name in names
    }

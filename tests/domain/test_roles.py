"""Role packs: every role that is offered has one, in every language, and it leads where it should."""

from __future__ import annotations

import pytest

from bot.texts import LANGUAGES, template
from domain.adapters.offline import OfflineInterviewer
from domain.interviews import languages
from domain.interviews.bank import AREAS, competency_name, find_question
from domain.interviews.packs import areas_for
from domain.interviews.plan import InterviewKind
from domain.interviews.roles import ROLES, pack_of, packs
from domain.ports import Candidate, PlanRequest


def test_what_is_offered_are_the_packs() -> None:
    assert set(ROLES) == set(packs())
    for pack in packs().values():
        assert set(pack.areas) < set(AREAS)
        assert all(competency_name(each, "en") for each in pack.competencies)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_found_by_its_button_and_leads_to_its_areas(role: str, language: str) -> None:
    words = template(f"role.{role}", language)
    pack = packs()[role]
    assert pack_of(words) is pack
    assert areas_for(Candidate(language, words))[0] == pack.areas[0]


@pytest.mark.parametrize(("role", "nobodys"), [("Nurse", True), ("", True), ("Senior Java Developer", False)])
def test_a_role_nobody_has_a_pack_for_has_none(role: str, *, nobodys: bool) -> None:
    assert (pack_of(role) is None) is nobodys


@pytest.mark.parametrize("role", ROLES)
async def test_most_questions_are_on_what_the_role_is_asked_about(role: str) -> None:
    candidate = Candidate("en", template(f"role.{role}", "en"))
    plan = await OfflineInterviewer().plan(PlanRequest(candidate, InterviewKind.TECHNICAL, 5))
    asked = [question.competency for each in plan.questions if (question := find_question(each.text))]
    assert sum(each in packs()[role].competencies for each in asked) >= 2, asked


def test_a_language_is_known_by_its_names() -> None:
    assert [languages.named(name) for name in ("Русский", "ruso", "RUSSIAN", "ru", "中文", "español")] == [
        "ru", "ru", "ru", "ru", "zh", "es"
    ]  # fmt: skip
    assert languages.named("Klingon") is None
    assert set(languages.offered(is_offline=True)) < set(languages.offered(is_offline=False))

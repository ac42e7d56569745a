"""The bundled questions: their shape, their balance, and that they give nothing away."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from domain.interviews.bank import AREAS, BankQuestion, competency_name, find_question, load_bank
from domain.interviews.keywords import find, mentioned, words_of
from domain.interviews.plan import Difficulty, QuestionKind
from domain.interviews.rubric import Verdict

BANK = load_bank()
WORDINGS = [
    pytest.param(question, language, id=f"{question.id}-{language}")
    for question in BANK
    for language in ("en", "es")
]


def test_there_are_enough_questions_in_every_area() -> None:
    sizes = Counter(question.area for question in BANK)
    assert len(BANK) >= 128
    assert set(sizes) == set(AREAS)
    assert sizes["behavioural"] >= 28
    assert all(size >= 14 for size in sizes.values())


def test_ids_are_unique_and_name_their_area() -> None:
    assert len({question.id for question in BANK}) == len(BANK)
    assert all(question.id.startswith(f"{question.area}-") for question in BANK)


@pytest.mark.parametrize("area", AREAS)
def test_difficulties_are_balanced(area: str) -> None:
    rungs = Counter(question.difficulty for question in BANK if question.area == area)
    total = rungs.total()
    assert all(0.25 <= rungs[rung] / total <= 0.45 for rung in Difficulty), rungs


@pytest.mark.parametrize("area", ["product", "management"])
def test_product_and_management_ask_for_cases_and_stories(area: str) -> None:
    kinds = Counter(question.kind for question in BANK if question.area == area)
    assert min(kinds[QuestionKind.BEHAVIOURAL], kinds[QuestionKind.TECHNICAL]) >= 4


def test_an_area_spreads_over_competencies() -> None:
    for area in AREAS:
        competencies = Counter(question.competency for question in BANK if question.area == area)
        assert len(competencies) >= 5, area
        assert max(competencies.values()) <= 4, area


@pytest.mark.parametrize(("question", "language"), WORDINGS)
def test_a_wording_is_complete(question: BankQuestion, language: str) -> None:
    wording = question.wordings[language]
    assert 3 <= len(wording.key_points) <= 5
    assert len(wording.key_points) == len(question.wordings["en"].key_points)
    assert len(wording.text) >= 50
    assert len({point.text for point in wording.key_points}) == len(wording.key_points)
    assert all(len(set(point.keywords)) >= 3 for point in wording.key_points)
    assert wording.text.rstrip()[-1] in "?.»"


@pytest.mark.parametrize(("question", "language"), WORDINGS)
def test_no_keyword_stands_in_the_question_or_its_hint(question: BankQuestion, language: str) -> None:
    wording = question.wordings[language]
    shown = {"text": words_of(wording.text), "hint": words_of(wording.hint)}
    leaked = [
        (where, keyword)
        for where, words in shown.items()
        for point in wording.key_points
        for keyword in point.keywords
        if find(keyword, words)
    ]
    assert leaked == []


def test_no_keyword_is_so_short_that_it_fits_anything() -> None:
    stems = {
        keyword
        for question in BANK
        for wording in question.wordings.values()
        for point in wording.key_points
        for keyword in point.keywords
        if keyword.endswith("*") and len(keyword) < 3
    }
    assert stems == set()


def test_no_two_questions_read_nearly_the_same() -> None:
    for language in ("en", "es"):
        worded = [(q.id, {w.folded for w in words_of(q.wordings[language].text)}) for q in BANK]
        alike = [
            (one, other)
            for (one, first), (other, second) in combinations(worded, 2)
            if len(first & second) / len(first | second) > 0.5
        ]
        assert alike == []


@pytest.mark.parametrize(("question", "language"), WORDINGS)
def test_a_copied_question_mentions_nothing(question: BankQuestion, language: str) -> None:
    planned = question.planned(language)
    copied = mentioned(planned, f"{planned.text} {planned.text}")
    assert all(judgement.verdict is Verdict.MISSING for judgement in copied)


def test_a_question_is_planned_in_the_language_asked_for() -> None:
    question = BANK[0]
    english, spanish = question.planned("en"), question.planned("es")
    assert english.text == question.wordings["en"].text
    assert spanish.text == question.wordings["es"].text
    assert (english.competency, spanish.competency) == ("Ownership", "Responsabilidad")
    assert question.planned("de") == english.model_copy(update={"language": "en"})


def test_english_terms_count_in_a_spanish_technical_answer() -> None:
    question = next(q for q in BANK if q.id == "backend-dependency-down").planned("es")
    found = mentioned(question, "Pondría un bulkhead delante.")
    assert [j.verdict for j in found].count(Verdict.MET) == 1


def test_every_competency_has_a_name_in_both_languages() -> None:
    for question in BANK:
        assert competency_name(question.competency, "en")
        assert competency_name(question.competency, "es")


def test_a_question_is_found_by_its_text_in_any_language() -> None:
    for question in BANK:
        for wording in question.wordings.values():
            assert find_question(wording.text.upper()) is question
    assert find_question("What is your favourite colour?") is None

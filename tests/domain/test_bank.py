"""The bundled questions: their shape, their balance, and that they give nothing away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import pytest

from domain.interviews.bank import AREAS, BankQuestion, Wording, competency_name, find_question, load_bank
from domain.interviews.keywords import find, mentioned, words_of
from domain.interviews.plan import Difficulty, QuestionKind
from domain.interviews.rubric import Verdict

BANK = load_bank()
LANGUAGES = ("en", "es")


def of(area: str) -> list[BankQuestion]:
    return [question for question in BANK if question.area == area]


def wordings(area: str) -> Iterator[tuple[str, BankQuestion, Wording]]:
    """Each wording of an area with the name it is reported by."""
    for question in of(area):
        for language in LANGUAGES:
            yield f"{question.id}-{language}", question, question.wordings[language]


def test_there_are_enough_questions_in_every_area() -> None:
    sizes = Counter(question.area for question in BANK)
    assert len(BANK) >= 400
    assert set(sizes) == set(AREAS)
    assert sizes["behavioural"] >= 60
    assert all(size >= 22 for size in sizes.values()), sizes


def test_ids_are_unique_and_name_their_area() -> None:
    assert len({question.id for question in BANK}) == len(BANK)
    assert all(question.id.startswith(f"{question.area}-") for question in BANK)


@pytest.mark.parametrize("area", AREAS)
def test_difficulties_are_balanced(area: str) -> None:
    rungs = Counter(question.difficulty for question in of(area))
    total = rungs.total()
    assert all(0.25 <= rungs[rung] / total <= 0.45 for rung in Difficulty), rungs


@pytest.mark.parametrize("area", ["product", "management", "design", "support"])
def test_who_works_with_people_is_asked_for_cases_and_stories(area: str) -> None:
    kinds = Counter(question.kind for question in of(area))
    assert min(kinds[QuestionKind.BEHAVIOURAL], kinds[QuestionKind.TECHNICAL]) >= 4


@pytest.mark.parametrize("area", AREAS)
def test_an_area_spreads_over_competencies(area: str) -> None:
    competencies = Counter(question.competency for question in of(area))
    assert len(competencies) >= 5
    assert max(competencies.values()) / competencies.total() <= 0.3, competencies


@pytest.mark.parametrize("area", AREAS)
def test_wordings_are_complete(area: str) -> None:
    for name, question, wording in wordings(area):
        assert 3 <= len(wording.key_points) <= 5, name
        assert len(wording.key_points) == len(question.wordings["en"].key_points), name
        assert len(wording.text) >= 50, name
        assert len({point.text for point in wording.key_points}) == len(wording.key_points), name
        assert all(len(set(point.keywords)) >= 3 for point in wording.key_points), name
        assert wording.text.rstrip()[-1] in "?.»", name


@pytest.mark.parametrize("area", AREAS)
def test_anchors_tell_six_answers_apart(area: str) -> None:
    """Each is a sentence of its own, about its question alone."""
    for question in of(area):
        assert len(set(question.anchors)) == len(question.anchors), question.id
        assert all(len(anchor) >= 6 and anchor.endswith(".") for anchor in question.anchors), question.id
    best = Counter(anchor for question in BANK for anchor in question.anchors[4:])
    assert max(best.values()) == 1, best.most_common(3)


@pytest.mark.parametrize("area", AREAS)
def test_no_keyword_stands_in_the_question_or_its_hint(area: str) -> None:
    leaked = [
        (name, keyword)
        for name, _, wording in wordings(area)
        for words in (words_of(wording.text), words_of(wording.hint))
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_questions_read_nearly_the_same(language: str) -> None:
    worded = [(q.id, {w.folded for w in words_of(q.wordings[language].text)}) for q in BANK]
    alike = [
        (one, other)
        for (one, first), (other, second) in combinations(worded, 2)
        if len(first & second) / len(first | second) > 0.5
    ]
    assert alike == []


@pytest.mark.parametrize("area", AREAS)
def test_a_copied_question_mentions_nothing(area: str) -> None:
    for question in of(area):
        for language in LANGUAGES:
            planned = question.planned(language)
            copied = mentioned(planned, f"{planned.text} {planned.text}")
            assert all(judgement.verdict is Verdict.MISSING for judgement in copied), question.id


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
        assert all(competency_name(question.competency, language) for language in LANGUAGES)


def test_a_question_is_found_by_its_text_in_any_language() -> None:
    for question in BANK:
        for wording in question.wordings.values():
            assert find_question(wording.text.upper()) is question
    assert find_question("What is your favourite colour?") is None

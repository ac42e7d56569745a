"""The offline interviewer: whom it asks what, what it says of an answer, and what it never claims."""

from __future__ import annotations

from collections import Counter
from string import Formatter

import pytest

from domain.adapters.offline import OfflineInterviewer
from domain.adapters.offline_text import LANGUAGES, texts
from domain.errors import Refused
from domain.interviews.bank import find_question, load_bank
from domain.interviews.packs import areas_for
from domain.interviews.plan import Difficulty, InterviewKind, Plan, PlannedQuestion, QuestionKind
from domain.interviews.rubric import KeyPoint, Verdict, is_quoted
from domain.ports import Candidate, Interviewer, PastTurn, PlanRequest, ReportRequest, TurnRequest
from domain.resumes.analysis import ExtractedText, FileType, Picture

OFFLINE: Interviewer = OfflineInterviewer()
WORDLESS = {"model_outline_point", "practise_point"}
BACKEND = Candidate(language="en", target_role="Senior Backend Engineer")


def request(
    kind: InterviewKind = InterviewKind.TECHNICAL,
    count: int = 5,
    candidate: Candidate = BACKEND,
    asked: tuple[str, ...] = (),
) -> PlanRequest:
    return PlanRequest(candidate, kind, count, asked_before=asked)


def bank_question(identifier: str, language: str = "en") -> PlannedQuestion:
    return next(q for q in load_bank() if q.id == identifier).planned(language)


def test_the_sentences_are_the_same_in_every_language() -> None:
    english = texts("en")
    for language in LANGUAGES:
        assert texts(language).keys() == english.keys()
        for key, sentence in texts(language).items():
            assert fields(sentence) == fields(english[key]), key
            assert language == "en" or sentence != english[key] or key in WORDLESS
    assert texts("fr") == english


def identifiers(plan: Plan) -> set[str]:
    return {q.id for each in plan.questions if (q := find_question(each.text))}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("kind", InterviewKind)
@pytest.mark.parametrize("count", [1, 3, 8, 20])
@pytest.mark.parametrize(
    "role", ["Backend Engineer", "Product Manager", "Enfermera", "Gerente de ventas", ""]
)
async def test_a_plan_has_as_many_different_questions_as_wanted(
    kind: InterviewKind, count: int, role: str
) -> None:
    plan = await OFFLINE.plan(request(kind, count, Candidate(language="en", target_role=role)))
    assert len({question.text for question in plan.questions}) == count
    kinds = {question.kind.value for question in plan.questions}
    allowed = {
        InterviewKind.MIXED: {"behavioural", "technical"},
        InterviewKind.SYSTEM_DESIGN: {"system_design"},
    }
    assert kinds <= allowed.get(kind, {kind.value})


@pytest.mark.parametrize("count", [0, 21])
async def test_a_plan_outside_the_bounds_is_a_bug(count: int) -> None:
    with pytest.raises(ValueError, match="count"):
        await OFFLINE.plan(request(count=count))


async def test_a_mixed_interview_holds_both_kinds() -> None:
    plan = await OFFLINE.plan(request(InterviewKind.MIXED, 6))
    kinds = Counter(question.kind for question in plan.questions)
    assert kinds == {QuestionKind.BEHAVIOURAL: 3, QuestionKind.TECHNICAL: 3}


async def test_the_same_request_gives_the_same_plan_and_another_seed_another() -> None:
    first = await OFFLINE.plan(request(count=8))
    assert first == await OfflineInterviewer().plan(request(count=8))
    assert first != await OfflineInterviewer(seed="another person").plan(request(count=8))


async def test_the_next_interviews_ask_something_else_until_all_has_been_asked() -> None:
    asked: tuple[str, ...] = ()
    pool = [q for q in load_bank() if q.kind is QuestionKind.BEHAVIOURAL and q.area == "behavioural"]
    for _ in range(len(pool) // 5):
        plan = await OFFLINE.plan(request(InterviewKind.BEHAVIOURAL, 5, asked=asked))
        new = tuple(question.text for question in plan.questions)
        assert not set(new) & set(asked)
        asked = (*reversed(new), *asked)


async def test_a_question_asked_in_another_language_is_not_asked_again() -> None:
    first = await OFFLINE.plan(request(count=8))
    asked = tuple(question.text for question in first.questions)
    again = await OFFLINE.plan(
        request(count=8, candidate=Candidate(language="es", target_role=BACKEND.target_role), asked=asked)
    )
    assert not identifiers(first) & identifiers(again)


async def test_when_all_has_been_asked_the_oldest_come_again() -> None:
    every = tuple(question.wordings["en"].text for question in load_bank())
    plan = await OFFLINE.plan(request(InterviewKind.BEHAVIOURAL, 3, Candidate(language="en"), every))
    stories = [text for text in reversed(every) if (q := find_question(text)) and q.area == "behavioural"]
    assert [question.text for question in plan.questions] == stories[:3]


@pytest.mark.parametrize(
    ("candidate", "area"),
    [
        (Candidate(language="en", target_role="Senior Backend Engineer"), "backend"),
        (Candidate(language="es", target_role="Desarrolladora frontend"), "frontend"),
        (Candidate(language="en", target_role="Data Scientist"), "data"),
        (Candidate(language="es", target_role="Ingeniero SRE"), "devops"),
        (Candidate(language="en", target_role="Android developer"), "mobile"),
        (Candidate(language="en", target_role="Product Manager"), "product"),
        (Candidate(language="en", target_role="Engineering Manager"), "management"),
        (Candidate(language="en", background={"primary_domain": "ai"}), "ml"),
        (Candidate(language="en", background={"primary_domain": "mobile"}), "mobile"),
        (Candidate(language="en", background={"programming_languages": ["Kotlin", "Swift"]}), "mobile"),
        (Candidate(language="en", resume_text="Ana\nSkills: React, CSS, TypeScript, Vue"), "frontend"),
    ],
)
def test_the_area_follows_what_is_known_of_a_person(candidate: Candidate, area: str) -> None:
    assert areas_for(candidate)[0] == area


def test_a_job_description_weighs_in() -> None:
    nobody = Candidate(language="en")
    assert areas_for(nobody, "You know Terraform, Kubernetes, AWS and Ansible.")[0] == "devops"


async def test_most_technical_questions_are_of_the_first_area() -> None:
    plan = await OFFLINE.plan(request(count=8))
    areas = Counter(q.area for question in plan.questions if (q := find_question(question.text)))
    assert areas["backend"] >= 6


async def test_a_system_design_interview_asks_for_systems_first() -> None:
    plan = await OFFLINE.plan(request(InterviewKind.SYSTEM_DESIGN, 5))
    assert {question.kind for question in plan.questions} == {QuestionKind.SYSTEM_DESIGN}
    assert len({question.competency for question in plan.questions}) >= 4


async def test_a_plan_has_easier_and_harder_questions_on_its_competencies() -> None:
    plan = await OFFLINE.plan(request(count=3))
    planned = {(question.kind, question.competency) for question in plan.questions}
    assert plan.alternatives
    assert {(question.kind, question.competency) for question in plan.alternatives} <= planned
    for topic in planned:
        rungs = [q.difficulty for q in plan.pool if (q.kind, q.competency) == topic]
        assert len(rungs) == len(set(rungs))
    assert len({question.text for question in plan.pool}) == len(plan.pool)


async def test_difficulty_ramps_from_where_the_candidate_stands() -> None:
    rungs = list(Difficulty)
    for level, first in [("beginner", Difficulty.EASY), ("expert", Difficulty.MEDIUM)]:
        who = Candidate(language="en", target_role="Backend Engineer", background={"experience_level": level})
        plan = await OFFLINE.plan(request(count=6, candidate=who))
        heights = [rungs.index(question.difficulty) for question in plan.questions]
        assert heights[0] == rungs.index(first)
        assert heights == sorted(heights)


async def test_competencies_are_spread() -> None:
    plan = await OFFLINE.plan(request(InterviewKind.BEHAVIOURAL, 5))
    assert len({question.competency for question in plan.questions}) == 5


@pytest.mark.parametrize("language", ["en", "es"])
async def test_an_answer_is_compared_and_never_scored(language: str) -> None:
    question = bank_question("backend-retry-payment", language)
    said = {
        "en": "The client sends an idempotency key. We keep it under a unique index.",
        "es": "El cliente envía una clave de idempotencia. La guardamos con un indice unico.",
    }[language]
    evaluation = await OFFLINE.evaluate_turn(TurnRequest(Candidate(language=language), question, said))
    assert evaluation.provisional
    assert [j.verdict for j in evaluation.judgements] == [Verdict.MET] * 2 + [Verdict.MISSING] * 2
    assert all(is_quoted(j.quote, said) for j in evaluation.judgements[:2])
    met, missing = question.key_points[:2], question.key_points[2:]
    found, absent = evaluation.feedback.splitlines()
    assert all(point.text in found for point in met)
    assert all(point.text in absent for point in missing)
    assert all(point.text in evaluation.model_answer for point in question.key_points)
    assert (evaluation.probe, evaluation.next_question) == ("", "")


@pytest.mark.parametrize("answer", ["", "   ", "Bananas are yellow."])
async def test_an_empty_or_foreign_answer_mentions_nothing(answer: str) -> None:
    question = bank_question("backend-retry-payment")
    evaluation = await OFFLINE.evaluate_turn(TurnRequest(BACKEND, question, answer))
    assert all(j.verdict is Verdict.MISSING and not j.quote for j in evaluation.judgements)
    expected = "points_none" if answer.strip() else "answer_empty"
    assert evaluation.feedback == texts("en")[expected]


async def test_key_points_without_keywords_are_looked_for_by_their_own_words() -> None:
    question = PlannedQuestion(
        text="How do you roll out a risky schema change?",
        kind=QuestionKind.TECHNICAL,
        competency="Databases",
        difficulty=Difficulty.HARD,
        key_points=(
            KeyPoint(text="Backfills existing rows in small batches"),
            KeyPoint(text="Keeps a feature flag for switching reads"),
            KeyPoint(text="A risky schema change"),
        ),
    )
    said = "I would backfill the rows in batches overnight. A risky schema change needs care."
    evaluation = await OFFLINE.evaluate_turn(TurnRequest(BACKEND, question, said))
    assert [j.verdict for j in evaluation.judgements] == [Verdict.MET, Verdict.MISSING, Verdict.MISSING]
    assert is_quoted("backfill the rows in batches", evaluation.judgements[0].quote)


async def test_a_long_clause_is_quoted_in_part() -> None:
    question = bank_question("backend-retry-payment")
    said = f"{'well ' * 60}an idempotency key {'indeed ' * 60}"
    evaluation = await OFFLINE.evaluate_turn(TurnRequest(BACKEND, question, said))
    quote = evaluation.judgements[0].quote
    assert "idempotency" in quote
    assert len(quote.split()) <= 16


def past(competency: str, score: float | None, *missing: str) -> PastTurn:
    return PastTurn("A question?", "An answer.", competency, score, missing=missing)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("scores", "said"),
    [((None, None), "report_unjudged"), ((3.5, None), "report_partly_judged"), ((3.5, 8.0), "report_judged")],
)
async def test_a_report_says_who_judged(language: str, scores: tuple[float | None, ...], said: str) -> None:
    turns = tuple(past("Caching", score) for score in scores)
    report = await OFFLINE.report(ReportRequest(Candidate(language=language), InterviewKind.MIXED, turns))
    assert report.summary == texts(language)[said]
    assert report.practise == ()


async def test_what_to_practise_takes_turns_and_begins_with_the_barest_answer() -> None:
    turns = (past("Caching", 8.0, "Expiry"), past("Payments", 2.0, "Idempotency", "Retries", "Audit"))
    report = await OFFLINE.report(ReportRequest(BACKEND, InterviewKind.MIXED, turns))
    assert report.practise == ("Payments: Idempotency", "Caching: Expiry", "Payments: Retries")


async def test_a_report_of_nothing_says_so() -> None:
    report = await OFFLINE.report(ReportRequest(BACKEND, InterviewKind.MIXED, ()))
    assert report.summary == texts("en")["report_nothing"]
    assert report.practise == ()


async def test_voice_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        await OFFLINE.transcribe(b"OggS", "audio/ogg", "en")
    assert refusal.value.reason == "voice.offline"


async def test_pictures_are_refused() -> None:
    scan = ExtractedText(file_type=FileType.PNG, text="", pictures=(Picture(content=b"jpeg"),))
    with pytest.raises(Refused) as refusal:
        await OFFLINE.read_pages(scan, "en")
    assert refusal.value.reason == "file.no_text"


def test_it_says_that_it_is_offline() -> None:
    assert OFFLINE.is_offline

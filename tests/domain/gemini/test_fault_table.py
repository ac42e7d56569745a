"""The table of docs/gemini.md, run: each fault × each kind of call, on a real database.

What a person is told, what is stored, how often Gemini is asked, and what is asked again later; and that
afterwards, with Gemini back, each answer is judged once and each report written.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from bot.app import SystemClock
from bot.conversations import interview
from bot.step import Line
from bot.texts import render, template
from domain.adapters.gemini import GeminiInterviewer
from domain.adapters.gemini.client import BUDGETS, Budget, Policy
from domain.adapters.gemini.prompting import prompt_version
from domain.calls.breaker import Rules
from domain.calls.ledger import LedgerInDatabase
from domain.calls.models import ModelCall
from domain.calls.prices import Prices
from domain.database import engine_for, transactions
from domain.interviews.jobs import DrawReport, EvaluateTurn
from domain.interviews.models import InterviewQuestion, InterviewSession, InterviewStatus
from domain.interviews.plan import Difficulty, InterviewKind, Plan, PlannedQuestion, QuestionKind
from domain.interviews.rubric import Judgement, KeyPoint, Verdict
from domain.interviews.work import keep
from domain.personalization.profile import by_rules
from domain.ports import Evaluation
from domain.resumes.analysis import ExtractedText, FileType
from domain.resumes.jobs import ReceiveResume
from domain.resumes.models import Resume
from domain.resumes.originals import stage_original
from tests.loopback.desk import Desk
from tests.loopback.documents import Held
from tests.loopback.gemini import Failure, LoopbackGemini

DOCUMENT = Path(__file__).parents[3] / "docs" / "gemini.md"
KINDS = ("analyse_resume", "plan", "evaluate_turn", "report", "transcribe", "recommend")
# The jobs that ask once more for what was not to be had; others that follow are no part of a call.
ASKS_AGAIN = ("analyse_resume_again", "evaluate_turn", "write_report")
ANSWER = "The situation mattered because users left, so my action was an index, decided by me."
RESUME = "Ana Diaz\nBackend engineer\nExperience\nPython, PostgreSQL\nEducation\nBSc, 2015"
QUESTION = PlannedQuestion(
    text="Tell me about a slow database query you made faster.",
    kind=QuestionKind.TECHNICAL,
    competency="performance",
    difficulty=Difficulty.MEDIUM,
    key_points=(KeyPoint(text="Names the situation"), KeyPoint(text="Gives a measured result")),
)
JUDGED = Evaluation(
    (
        Judgement(key_point=0, quote="The situation mattered", verdict=Verdict.MET),
        Judgement(key_point=1, verdict=Verdict.MISSING),
    ),
    "Good.",
)
# Where nothing ever comes, waiting is all there is to it; everything else has time on any machine.
NEVER_ENDING = ("hang", "drip")
HASTY: dict[Any, Any] = {kind: replace(budget, attempt=0.1) for kind, budget in BUDGETS.items()}
ROOMY: dict[Any, Any] = {kind: replace(budget, deadline=300, attempt=60) for kind, budget in BUDGETS.items()}


@dataclass(frozen=True)
class Expected:
    """A line of the table: the faults, and what comes of each kind of call."""

    faults: tuple[str, ...]
    requests: int
    told: str
    stored: tuple[str, ...]


def table() -> list[Expected]:
    rows = re.findall(
        r"^\| (`.+) \| (\d) \| ([\w.]+) \| (.+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.M
    )
    return [
        Expected(tuple(re.findall(r"`([\w-]+)`", faults)), int(requests), told, tuple(stored.split(" | ")))
        for faults, requests, told, stored in rows
    ]


TABLE = {fault: row for row in table() for fault in row.faults}


class FakeTime:
    """Pauses between attempts take no time."""

    async def sleep(self, seconds: float) -> None:
        return None


@pytest.fixture
def budgets() -> dict[Any, Budget]:
    return dict(ROOMY)


@pytest.fixture
async def desk(dsn: str, gemini: LoopbackGemini, budgets: dict[Any, Budget]) -> AsyncIterator[Desk]:
    engine = engine_for(dsn, pool_size=4)
    reached = transactions(engine)
    interviewer = GeminiInterviewer(
        "key",
        "gemini-3.8-flash",
        gemini.url,
        policy=Policy(budgets=budgets, breaker=Rules(threshold=1000)),
        ledger=LedgerInDatabase(reached, SystemClock(), Prices()),
        sleep=FakeTime().sleep,
    )
    made = Desk(reached, interviewer, dsn)
    await made.opens()
    yield made
    await interviewer.close()
    await engine.dispose()


# Where each kind of call begins, and what is found in the database after it


async def a_resume(desk: Desk) -> UUID:
    async with desk.domain() as domain:
        job = ReceiveResume(file_id="f", file_name="cv.pdf", resume_id=uuid4(), user_id=desk.user_id)
        key = await domain.accounts.key()
        file = await stage_original(
            desk.world.blobs, key, Held(b"%PDF").pieces(), job.file_name, desk.user_id, job.resume_id
        )
        await domain.resumes.store(job, file, ExtractedText(file_type=FileType.PDF, text=RESUME))
    return job.resume_id


async def an_interview(desk: Desk, questions: int = 1) -> UUID:
    async with desk.domain() as domain:
        session = await domain.interviews.begin(None, InterviewKind.TECHNICAL, questions, None)
    await desk.stands_at(interview.Planning(session))
    return session


async def a_question(desk: Desk) -> UUID:
    session = await an_interview(desk, 3)
    await desk.forgets_jobs()
    others = (reworded(QUESTION, f"Another question, number {n}, please?") for n in (2, 3))
    async with desk.domain() as domain:
        await domain.interviews.store_plan(session, Plan(questions=(QUESTION, *others)))
        turn = (await domain.interviews.latest_turn(session)).id
    await desk.stands_at(interview.Question(turn))
    return turn


def reworded(question: PlannedQuestion, words: str) -> PlannedQuestion:
    return question.model_copy(update={"text": words})


async def an_answer(desk: Desk) -> UUID:
    turn = await a_question(desk)
    async with desk.domain() as domain:
        await domain.answers.give(turn, ANSWER)
    await desk.stands_at(interview.Evaluating(turn))
    return turn


async def a_judged_interview(desk: Desk) -> UUID:
    turn_id = await an_answer(desk)
    await desk.forgets_jobs()
    async with desk.domain() as domain:
        turn = await domain.interviews.turn(turn_id)
        keep(turn, JUDGED)
        await domain.interviews.conclude(turn.session_id)
        session = turn.session_id
    await desk.stands_at(interview.Reporting(session))
    return session


async def a_voice_note(desk: Desk) -> UUID:
    turn = await a_question(desk)
    async with desk.domain() as domain:
        await domain.answers.transcribe(turn, "voice", "audio/ogg", 20)
    await desk.stands_at(interview.Transcribing(turn))
    return turn


async def a_profile(desk: Desk) -> UUID:
    async with desk.domain() as domain:
        await domain.personalization.refresh()
        await domain.personalization.word(soon=True)
    return desk.user_id


BEGINS: dict[str, Callable[[Desk], Awaitable[UUID]]] = {
    "analyse_resume": a_resume,
    "plan": lambda desk: an_interview(desk, 3),
    "evaluate_turn": an_answer,
    "report": a_judged_interview,
    "transcribe": a_voice_note,
    "recommend": a_profile,
}


async def stored(desk: Desk, kind: str, made: UUID) -> str:
    async with desk.world.transactions() as db:
        if kind == "analyse_resume":
            analysis = (await db.get_one(Resume, made)).analysis or {}
            by = {"rules": "by rules", "gemini": "by Gemini"}[analysis["method"]]
            return by + await _asked_again(desk)
        if kind == "recommend":
            async with desk.domain() as domain:
                content = (await domain.personalization.profile()).recommended_content
            assert content
            return "by rules" if by_rules(content) == content else "by Gemini"
        if kind == "plan":
            return _of_plan((await db.get_one(InterviewSession, made)).plan or {})
        if kind == "report":
            session = await db.get_one(InterviewSession, made)
            assert session.status is InterviewStatus.COMPLETED
            assert session.final_score is not None
            written = (session.feedback_summary or "").startswith("You answered")
            return "by Gemini" if written else "own words" + await _asked_again(desk)
        turn = await db.get_one(InterviewQuestion, made)
        if kind == "transcribe":
            return "heard" if turn.transcript else "not heard"
        assert turn.answer_text == ANSWER
        if turn.provisional:
            assert turn.evaluation_score is None
            assert turn.evaluated_by is None
            return "provisional" + await _asked_again(desk)
        assert turn.evaluation_score is not None
        assert (turn.evaluated_by, turn.prompt_version) == ("loopback", prompt_version("evaluate_turn"))
        return "by Gemini"


def _of_plan(plan: dict[str, Any]) -> str:
    by_gemini = [question["hint"].startswith("Think of one concrete") for question in plan["questions"]]
    assert len(by_gemini) == 3
    return "by Gemini" if all(by_gemini) else "part by Gemini" if any(by_gemini) else "from the bank"


async def _asked_again(desk: Desk) -> str:
    waiting = await desk.waiting()
    if not waiting:
        return ""
    assert len(waiting) == 1
    seconds = (waiting[0].run_at - waiting[0].created_at).total_seconds()
    # To the minute: a busy machine takes its time between the two.
    return f", {seconds / 3600:.0f} h" if seconds > 3000 else f", {round(seconds / 60) * 60} s"


async def outcomes(desk: Desk) -> list[tuple[str, str]]:
    """Kind and outcome of every request, as they were written down."""
    async with desk.world.transactions() as db:
        rows = await db.execute(select(ModelCall.kind, ModelCall.outcome).order_by(ModelCall.id))
        return [(kind, outcome) for kind, outcome in rows]


def words(kind: str, told: str) -> str:
    """What the person reads of a reason, in a kind of call."""
    if kind == "transcribe" and told in ("gemini.blocked", "gemini.too_long"):
        return template(f"refused.{told}", "en")
    then = (
        kind
        if kind != "evaluate_turn" or told not in ("gemini.blocked", "gemini.too_long")
        else f"{kind}_again"
    )
    said = {"why": Line(f"why.{told}"), "then": Line(f"then.{then}")}
    return re.sub(r"<[^>]+>", "", render(Line("without_ai", said), "en"))


def test_the_table_has_every_fault_that_the_issue_names() -> None:
    named = {"429", "503", "500", "400", "html", "hang", "drip", "drop", "blocked", "safety"}
    named |= {"max_tokens_late", "bad_json", "wrong_schema", "empty", "huge"}
    assert named <= set(TABLE)
    assert set(TABLE) <= set(get_args(Failure))
    assert all(len(row.stored) == len(KINDS) for row in TABLE.values())


def test_the_documented_deadlines_are_those_that_are_kept() -> None:
    rows = re.findall(
        r"^\| (\w+) \| (\d+) s \| (\d+) s \| (\d+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.M
    )
    documented = {kind: Budget(*map(int, numbers)) for kind, *numbers in rows}
    assert documented == BUDGETS


@pytest.mark.parametrize("fault", TABLE)
async def test_each_fault_for_each_kind_of_call(
    desk: Desk, gemini: LoopbackGemini, budgets: dict[Any, Budget], fault: Any
) -> None:
    expected = TABLE[fault]
    found = []
    for kind in KINDS:
        made = await BEGINS[kind](desk)
        before, said = len(await outcomes(desk)), await desk.heard()
        gemini.fail(fault, times=None)
        budgets.update(HASTY if fault in NEVER_ENDING else ROOMY)

        await works(desk)

        asked = (await outcomes(desk))[before:]
        assert [each for each, _ in asked] == [kind] * expected.requests
        found.append(await stored(desk, kind, made))
        heard = (await desk.heard()).removeprefix(said)
        if kind != "recommend":  # nobody waits for words that may be better
            assert (words(kind, expected.told) in heard) is ("by Gemini" not in found[-1]), heard
        gemini.heal()
        budgets.update(ROOMY)
        await goes_on(desk, kind, made)
        await desk.forgets_jobs()
    assert tuple(found) == expected.stored
    if fault not in NEVER_ENDING:
        assert [kind for kind, _ in await outcomes(desk)] == [request.kind for request in gemini.requests]


async def works(desk: Desk) -> None:
    """Do what waits, and tell of a report once it is drawn; nothing else that follows."""
    await desk.works()
    await desk.forgets_jobs(but=(*ASKS_AGAIN, DrawReport.name))
    if any(job.kind == DrawReport.name for job in await desk.waiting()):
        await desk.works()
        await desk.forgets_jobs(but=ASKS_AGAIN)


async def goes_on(desk: Desk, kind: str, made: UUID) -> None:
    """With Gemini back, what is owed is delivered, once; nothing else asks again."""
    before, owed = len(await outcomes(desk)), await desk.waiting()
    await desk.time_comes()
    await works(desk)
    assert len(await outcomes(desk)) - before == len(owed)
    assert await desk.waiting() == [] or kind == "evaluate_turn"
    if owed or kind == "evaluate_turn":
        assert await stored(desk, kind, made) == "by Gemini"
    if kind == "evaluate_turn":
        async with desk.domain() as domain:
            turn = await domain.interviews.turn(made)
            for late in (False, True):
                again = EvaluateTurn(
                    question_id=made, revision=turn.revision, late=late, user_id=desk.user_id
                )
                await domain.who.schedule(again)
        before = len(await outcomes(desk))
        await desk.works()
        assert len(await outcomes(desk)) == before, "an answer was judged twice"


async def test_a_call_is_written_down_without_a_word_of_it(desk: Desk, gemini: LoopbackGemini) -> None:
    await an_answer(desk)

    await desk.works()

    async with desk.world.transactions() as db:
        [call] = await db.scalars(select(ModelCall))
        row = dict(vars(call))
        columns = await db.scalar(text("SELECT row_to_json(model_calls)::text FROM model_calls"))
    assert (row["user_id"], row["kind"], row["model"]) == (desk.user_id, "evaluate_turn", "gemini-3.8-flash")
    assert (row["tokens_in"], row["tokens_out"], row["outcome"]) == (10, 10, "ok")
    assert float(row["cost_usd"]) == pytest.approx(10 * 4.5e-6)
    assert row["prompt_version"] == prompt_version("evaluate_turn")
    assert isinstance(row["created_at"], datetime)
    assert "situation" not in str(columns)

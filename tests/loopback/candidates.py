"""People with an account who rehearse as people do: they answer what they are asked, once."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg

from bot.app import SystemClock
from bot.conversations.home import Home
from bot.conversations.interview import Question
from bot.playground.people import Person
from bot.step import stored
from domain.accounts.models import CodePurpose, EmailCode
from domain.accounts.service import Accounts
from domain.adapters.blobs import Blobs
from domain.adapters.crypto import Keyring
from domain.background.models import ExperienceLevel
from domain.background.service import Background
from domain.database import engine_for, transactions
from domain.interviews.models import InterviewSession, InterviewStatus
from domain.interviews.plan import Difficulty, InterviewKind, Plan, PlannedQuestion, QuestionKind
from domain.interviews.rubric import KeyPoint
from domain.interviews.service import Interviews
from domain.messaging.chats import Who, locked_chat
from domain.messaging.pipe import Pipe
from domain.resumes.service import Resumes
from tests.loopback.greenroom import KEY

PLAN = tuple(
    PlannedQuestion(
        text=f"What did you learn from mistake number {number}?",
        kind=QuestionKind.TECHNICAL,
        competency="ownership",
        difficulty=Difficulty.MEDIUM,
        key_points=(KeyPoint(text="Names the situation and why it mattered", keywords=("situation",)),),
    )
    for number in range(1, 21)
)
NO_PASSWORD = "$argon2id$none"  # opens for no password; these people are signed in already
PATIENCE = 180.0  # a bound for a busy machine on which programs are killed again and again
QUESTION = re.compile(r"^(?:Question (?P<position>\d+) of \d+|Follow-up)", re.MULTILINE)
FEEDBACK = re.compile(r"^(?:Score: |Key points mentioned: )", re.MULTILINE)
REPORT = re.compile(r"^Final score", re.MULTILINE)
TROUBLE = re.compile(r"my fault|earlier message|can't use that here|answered already|not sure what to do")


async def sign_up(dsn: str, people: Sequence[Person], *, questions: int = 0) -> None:
    """Give people accounts, linked to their chats, as the linking flow does, at once for all.

    With `questions` each is in an interview of so many, and the first was put to them.
    """
    engine = engine_for(dsn, pool_size=1)
    keys = Keyring.parse(KEY)
    try:
        async with transactions(engine).begin() as db:
            for person in people:
                name = person.profile.first_name
                chat = await locked_chat(db, person.id, user_id=person.id, name=name)
                chat.step = stored(Home())
                who = Who(db, chat, Pipe(keys))
                clock = SystemClock()
                code = EmailCode(
                    id=uuid4(),
                    chat_id=person.id,
                    telegram_user_id=person.id,
                    email=f"person{person.id}@example.org",
                    full_name=name,
                    purpose=CodePurpose.LINK,
                    expires_at=clock.now() + timedelta(minutes=10),
                )
                db.add(code)
                await db.flush()
                accounts, background = Accounts(db, who, keys, clock), Background(db, who)
                assert await accounts.add_user(code.id, NO_PASSWORD)
                await background.set_level(ExperienceLevel.ADVANCED)
                if questions:
                    resumes = Resumes(db, who, accounts, Blobs(transactions(engine)))
                    interviews = Interviews(db, who, resumes, background, clock)
                    session = InterviewSession(
                        id=uuid4(),
                        user_id=who.user_id,
                        kind=InterviewKind.TECHNICAL,
                        question_count=questions,
                        language="en",
                        status=InterviewStatus.PLANNING,
                    )
                    db.add(session)
                    await interviews.store_plan(session.id, Plan(questions=PLAN[:questions]))
                    chat.step = stored(Question((await interviews.latest_turn(session.id)).id))
    finally:
        await engine.dispose()


@dataclass
class Candidate:
    """Somebody who rehearses. `answers` is what they sent as answers, in order.

    A question that is shown once more is not answered once more: there was no feedback in between, so it
    is the same one. `seen_twice` counts those.
    """

    person: Person
    answers: list[str] = field(default_factory=list)
    interviews: int = 0
    seen_twice: int = 0

    async def sets_up(self, questions: int = 3) -> None:
        """From /interview to the first question being prepared."""
        await self.person.says("/interview")
        await self.person.hears("What kind", PATIENCE)
        await self.person.taps("Technical", timeout=PATIENCE)
        await self.person.hears("How many", PATIENCE)
        await self.person.says(str(questions))
        await self.person.hears("job description", PATIENCE)
        await self.person.taps("Without", timeout=PATIENCE)

    async def rehearses(self, questions: int = 3) -> None:
        """One whole interview, from /interview to its report."""
        await self.sets_up(questions)
        positions = await self._answers_all()
        assert positions == list(range(1, questions + 1)), self.person.transcript()
        self.interviews += 1

    async def _answers_all(self) -> list[int]:
        """Answer until the report comes; the numbers of the questions in the order they came."""
        positions: list[int] = []
        asked, heard_feedback = "", True
        while True:
            heard = await self.person.hears("", PATIENCE)
            text = heard.text
            assert not TROUBLE.search(text), self.person.transcript()
            if REPORT.search(text):
                return positions
            if FEEDBACK.search(text):
                heard_feedback = True
            if heard.edit_date or (question := QUESTION.search(text)) is None:
                continue
            if text == asked and not heard_feedback:
                self.seen_twice += 1
                continue
            asked, heard_feedback = text, False
            if question["position"]:
                positions.append(int(question["position"]))
            await self._answers(is_follow_up=not question["position"])

    async def _answers(self, *, is_follow_up: bool) -> None:
        """Every answer is unlike any other; every second one leaves something open to follow up."""
        mark = f"{self.person.profile.first_name} {len(self.answers) + 1}"
        answer = f"The situation mattered ({mark}): my action took a week & the result is a number < 9."
        if not is_follow_up and len(self.answers) % 2:
            answer = f"The situation mattered ({mark}), so I took an action of my own."
        self.answers.append(answer)
        await asyncio.sleep(0.02)
        await self.person.says(answer)


async def rehearse_during(
    trouble: Coroutine[Any, Any, None], candidates: Sequence[Candidate], questions: int = 3
) -> None:
    """All rehearse, again if need be, until the trouble is over; the interviews that are on are finished."""
    over = asyncio.Event()

    async def rehearse(candidate: Candidate) -> None:
        await candidate.rehearses(questions)
        while not over.is_set():
            await candidate.rehearses(questions)

    async with asyncio.TaskGroup() as rehearsing:
        for each in candidates:
            rehearsing.create_task(rehearse(each))
        await trouble
        over.set()


async def prove_nothing_lost(dsn: str, candidates: Sequence[Candidate]) -> None:
    """What was sent as an answer is stored as it was sent, once and in order; all work is done."""
    connection = await asyncpg.connect(dsn)
    try:
        await _all_done(connection)
        for candidate in candidates:
            turns = await connection.fetch(TURNS, candidate.person.id)
            assert [turn["answer_text"] for turn in turns] == candidate.answers
            assert {turn["status"] for turn in turns} == {"evaluated"}
            assert all(turn["feedback_comment"] for turn in turns)
            sessions = await connection.fetch(SESSIONS, candidate.person.id)
            assert len(sessions) == candidate.interviews
            for session in sessions:
                assert session["status"] == "completed"
                assert session["feedback_summary"]
                assert session["asked"] == list(range(1, session["question_count"] + 1))
    finally:
        await connection.close()


TURNS = """
    SELECT q.answer_text, q.status, q.feedback_comment
    FROM interview_questions q JOIN interview_sessions s ON s.id = q.session_id
        JOIN chats c ON c.user_id = s.user_id
    WHERE c.chat_id = $1 ORDER BY s.started_at, q.position, q.follow_up
"""
SESSIONS = """
    SELECT s.status, s.feedback_summary, s.question_count,
        (SELECT array_agg(q.position ORDER BY q.position) FROM interview_questions q
         WHERE q.session_id = s.id AND q.follow_up = 0) AS asked
    FROM interview_sessions s JOIN chats c ON c.user_id = s.user_id
    WHERE c.chat_id = $1 ORDER BY s.started_at
"""
UNDONE = " UNION ALL ".join(
    f"SELECT '{queue}' AS queue, last_error, failed FROM {queue}"  # noqa: S608  # names of this module
    " WHERE (done_at IS NULL OR failed OR payload IS NOT NULL)"
    + (" AND kind <> 'word_profile'" if queue == "jobs" else "")  # planned for when it is quiet
    for queue in ("inbox", "jobs", "outbox")
)


async def _all_done(connection: Any) -> None:
    """A message is marked sent a moment after it is seen."""
    until = time.monotonic() + PATIENCE
    while undone := await connection.fetch(UNDONE):
        assert time.monotonic() < until, f"work is left: {undone}"
        await asyncio.sleep(0.05)

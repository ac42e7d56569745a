"""People with an account who rehearse as people do: they answer what they are asked, once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from bot.app import SystemClock
from bot.conversations.home import Home
from bot.playground.people import Person
from bot.step import stored
from domain.accounts.models import CodePurpose, EmailCode
from domain.accounts.service import Accounts
from domain.adapters.crypto import Keyring
from domain.background.models import ExperienceLevel
from domain.background.service import Background
from domain.database import engine_for, transactions
from domain.messaging.chats import Who, locked_chat
from domain.messaging.pipe import Pipe
from tests.loopback.greenroom import KEY

NO_PASSWORD = "$argon2id$none"  # opens for no password; these people are signed in already
PATIENCE = 90.0
QUESTION = re.compile(r"^(?:Question (?P<position>\d+) of \d+|Follow-up)", re.MULTILINE)
FEEDBACK = re.compile(r"^(?:Score: |Key points mentioned: )", re.MULTILINE)
REPORT = re.compile(r"^Final score", re.MULTILINE)
TROUBLE = re.compile(r"my fault|earlier message|can't use that here|answered already|not sure what to do")


async def sign_up(dsn: str, people: Sequence[Person]) -> None:
    """Give people accounts, linked to their chats, as the linking flow does, at once for all."""
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
                assert await Accounts(db, who, keys, clock).add_user(code.id, NO_PASSWORD)
                await Background(db, who).set_level(ExperienceLevel.ADVANCED)
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
            text = (await self.person.hears("", PATIENCE)).text
            assert not TROUBLE.search(text), self.person.transcript()
            if REPORT.search(text):
                return positions
            if FEEDBACK.search(text):
                heard_feedback = True
            if (question := QUESTION.search(text)) is None:
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

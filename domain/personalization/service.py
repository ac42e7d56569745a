"""The profile of a person: gathered, kept up to date by a job, looked up by its owner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import and_, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from domain.background.service import Background
from domain.interviews.bank import competency_of
from domain.interviews.models import InterviewQuestion, InterviewSession, InterviewStatus, TurnStatus
from domain.interviews.packs import areas_for
from domain.interviews.results import results
from domain.interviews.rubric import MAX_SCORE
from domain.messaging.chats import Who
from domain.messaging.job import OwnedJob
from domain.messaging.models import JobRow
from domain.personalization.facts import Answered, Card, Facts, ResumeSeen
from domain.personalization.jobs import RefreshProfile, WordProfile
from domain.personalization.models import PersonalizationProfile, PracticeCard
from domain.personalization.profile import Profile, Recommended, entry_id
from domain.personalization.schedule import Recall, Review
from domain.ports import Candidate, Clock
from domain.resumes.analysis import ResumeAnalysis
from domain.resumes.service import Resumes

REMEMBERED_TURNS = 200
QUIET = 900.0  # seconds after the last change
FIRST = 1  # a second try, with the feedback just read, shows little of what is remembered
NOBODY = Candidate(language="en")


class Personalization:
    """What a chat's conversation asks of the profile; it is always that of the person in the chat."""

    def __init__(
        self, db: AsyncSession, who: Who, resumes: Resumes, background: Background, clock: Clock
    ) -> None:
        self._db = db
        self._who = who
        self._resumes = resumes
        self._background = background
        self._clock = clock

    async def refresh(self) -> None:
        """Have the profile follow what was learnt just now; one job does for several changes in a row."""
        if not await self._waits(RefreshProfile):
            await self._who.schedule(RefreshProfile(user_id=self._who.user_id))

    async def word(self, *, soon: bool = False) -> None:
        """Have what is recommended worded better: `soon` for who looks at it, else once it is quiet.

        An interview, a resume and ten changed answers in a row cost one call that way, and none of it while
        the person rehearses.
        """
        if soon or not await self._waits(WordProfile):
            await self._who.schedule(WordProfile(user_id=self._who.user_id), after=0.0 if soon else QUIET)

    async def _waits(self, job: type[OwnedJob]) -> bool:
        waiting = select(JobRow.id).where(
            JobRow.kind == job.name,
            JobRow.chat_id == self._who.chat.chat_id,
            JobRow.done_at.is_(None),
            JobRow.worker_id.is_(None),
        )
        return await self._db.scalar(waiting.limit(1)) is not None

    async def profile(self) -> Profile:
        """The profile as it was last brought up to date; an empty one where it never was."""
        row = await self._row()
        return Profile() if row is None else _profile(row)

    async def recommended(self, wanted: str) -> Recommended | None:
        """The recommendation that a button of this person stands for; None once another took its place."""
        entries = (await self.profile()).recommended_content
        return next((each for each in entries if entry_id(each) == wanted), None)

    async def store(self, profile: Profile, cards: Iterable[Card]) -> None:
        """Keep a profile, and the cards it was made from."""
        stored = profile.model_dump(mode="json")
        made = insert(PersonalizationProfile).values(
            user_id=self._who.user_id, **stored, last_personalization_update=self._clock.now()
        )
        changed = {name: made.excluded[name] for name in (*stored, "last_personalization_update")}
        await self._db.execute(
            made.on_conflict_do_update(index_elements=["user_id"], set_={**changed, "updated_at": func.now()})
        )
        for card in cards:
            await self._store_card(card)

    async def _store_card(self, card: Card) -> None:
        review = card.review
        values = {
            "due": review.due,
            "last_review": review.last_review,
            "stability": review.stability,
            "difficulty": review.difficulty,
            "rating": int(review.rating),
        }
        made = insert(PracticeCard).values(user_id=self._who.user_id, question_id=card.question_id, **values)
        await self._db.execute(
            made.on_conflict_do_update(
                index_elements=["user_id", "question_id"], set_={**values, "updated_at": func.now()}
            )
        )

    async def facts(self) -> Facts:
        """What the rules look at."""
        given = await self._background.given()
        resumes = await self._resumes.all()
        resume = None
        if resumes:
            newest = ResumeAnalysis.model_validate(resumes[0].analysis or {})
            gaps = newest.gaps if newest.method != "rules" else []  # those of rules are about layout
            resume = ResumeSeen(resumes[0].id, newest.inferred_role, tuple(newest.skills), tuple(gaps))
        turns = await self._turns()
        answers = tuple(_answers(turns))
        return Facts(
            now=self._clock.now(),
            level=given.experience_level.value if given.experience_level else "",
            primary_domain=given.primary_domain or "",
            skills=(*given.programming_languages, *given.software_tools),
            areas=_areas(resume, await self._background.summary()),
            resume=resume,
            interviews=await self._finished(),
            answers=answers,
            cards=tuple(await self._cards(answers)),
        )

    async def candidate(self, facts: Facts) -> Candidate:
        """The person as the interviewer may know them to word recommendations: without the resume's text."""
        return Candidate(
            language=self._who.language,
            target_role=facts.resume.role if facts.resume else "",
            background=await self._background.summary(),
        )

    async def _row(self) -> PersonalizationProfile | None:
        found: PersonalizationProfile | None = await self._db.scalar(
            select(PersonalizationProfile)
            .where(PersonalizationProfile.user_id == self._who.user_id)
            .execution_options(populate_existing=True)
        )
        return found

    async def _finished(self) -> int:
        count: int | None = await self._db.scalar(
            select(func.count())
            .select_from(InterviewSession)
            .where(InterviewSession.user_id == self._who.user_id, ~InterviewSession.is_practice)
            .where(InterviewSession.status == InterviewStatus.COMPLETED)
        )
        return count or 0

    async def _turns(self) -> Sequence[InterviewQuestion]:
        """The last turns that were answered or skipped, newest question first, its follow-ups behind it.

        Of an interview that was stopped, the question that was open was neither.
        """
        later = aliased(InterviewQuestion)
        is_last = ~exists().where(
            later.session_id == InterviewQuestion.session_id, later.position > InterviewQuestion.position
        )
        was_open = and_(
            InterviewQuestion.status == TurnStatus.SKIPPED,
            InterviewQuestion.position < InterviewSession.question_count,
            is_last,
        )
        found = await self._db.scalars(
            select(InterviewQuestion)
            .join(InterviewSession, InterviewSession.id == InterviewQuestion.session_id)
            .where(InterviewSession.user_id == self._who.user_id, InterviewQuestion.attempt == FIRST)
            .where(InterviewQuestion.status.in_((TurnStatus.EVALUATED, TurnStatus.SKIPPED)), ~was_open)
            .order_by(
                InterviewSession.started_at.desc(),
                InterviewQuestion.session_id,
                InterviewQuestion.position.desc(),
                InterviewQuestion.follow_up,
            )
            .limit(REMEMBERED_TURNS)
        )
        return found.all()

    async def _cards(self, answers: Sequence[Answered]) -> list[Card]:
        """The cards, the most overdue first; `answers` are newest first."""
        rows = await self._db.execute(
            select(PracticeCard, InterviewQuestion)
            .join(InterviewQuestion, InterviewQuestion.id == PracticeCard.question_id)
            .where(PracticeCard.user_id == self._who.user_id)
            .order_by(PracticeCard.due)
            .execution_options(populate_existing=True)
        )
        newest: dict[str, Answered] = {}
        for each in answers:
            newest.setdefault(each.identity, each)
        found = []
        for card, question in rows:
            answered = newest.get(identity(question)) or next(iter(_answers([question])), None)
            if answered is not None:
                found.append(Card(question.id, review_of(card), answered))
        return found


def review_of(card: PracticeCard) -> Review:
    return Review(card.due, card.last_review, card.stability, card.difficulty, Recall(card.rating))


def identity(turn: InterviewQuestion) -> str:
    """What makes two questions the same: the key points that an answer is held against."""
    return "\x1f".join(str(point["text"]) for point in turn.rubric)


def _profile(row: PersonalizationProfile) -> Profile:
    columns: dict[str, Any] = {
        "preferred_categories": row.preferred_categories,
        "recommended_content": row.recommended_content,
    }
    return Profile.model_validate(columns)


def _answers(turns: Sequence[InterviewQuestion]) -> Iterable[Answered]:
    """Each question with its follow-ups; one that had no judgement at all shows nothing."""
    for _, group in groupby(turns, key=lambda turn: (turn.session_id, turn.position)):
        asked = list(group)
        question, (topic,) = asked[0], results(asked).topics
        if question.follow_up or not topic.key_points:
            continue
        keyword_credit = MAX_SCORE * topic.mentioned / topic.key_points
        yield Answered(
            question_id=question.id,
            identity=identity(question),
            question=question.question_text,
            competency=competency_of(question.competency),
            kind=question.kind,
            credit=keyword_credit if topic.score is None else topic.score,
            judged=topic.score is not None,
            skipped=not topic.answered,
            at=max(each.answered_at or each.created_at for each in asked),
        )


def _areas(resume: ResumeSeen | None, background: dict[str, Any]) -> tuple[str, ...]:
    """The areas that suit the person; none where nothing points to one."""
    skills = "\n".join(resume.skills) if resume else ""
    person = Candidate("en", resume.role if resume else "", skills, background)
    found = areas_for(person)
    return found if found != areas_for(NOBODY) else ()

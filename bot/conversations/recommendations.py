"""What to practise next, with its reason and a button that starts just that; practice of one question."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversations.background import Card
from bot.conversations.background_offers import DOMAINS
from bot.conversations.feedback import clipped
from bot.conversations.interview import InInterview, Planning, taken_up
from bot.step import Button, Command, Line, Rows, Say, Step, column, say, t
from domain.interviews.bank import shown_competency
from domain.interviews.plan import InterviewSettings
from domain.personalization.advice import is_worded
from domain.personalization.profile import (
    Because,
    Category,
    InterviewNext,
    QuestionNext,
    ReadNext,
    Reason,
    Recommended,
    TopicNext,
    entry_id,
)
from domain.services import Domain

MOST_CATEGORIES = 6
LONGEST_QUESTION = 120
LONGEST_REASON = 200


async def recommendations(command: Command, step: Step, domain: Domain) -> Step:
    """/recommendations: what to practise next; behind a button, the practice it stands for."""
    action, _, wanted = command.argument.partition(" ")
    if action == "begin":
        return await begin(wanted, step, domain)
    return step.saying(await shown(domain)).quietly()


async def profile(command: Command, step: Step, domain: Domain) -> Step:
    """/profile: what the person practises and lacks, what comes next, and what they told of themselves."""
    if not domain.who.is_linked:
        return Card()
    return Card().saying(await categories(domain), await shown(domain))


async def practice(command: Command, step: Step, domain: Domain) -> Step:
    """/practice: one question by itself, the one that is due where one is."""
    await domain.accounts.user()
    if isinstance(step, InInterview):
        return step
    return await taken_up(await domain.practice.begin(), domain)


async def begin(wanted: str, step: Step, domain: Domain) -> Step:
    """Start what a recommendation stands for; one that another has replaced is answered with today's."""
    await domain.accounts.user()
    if isinstance(step, InInterview):
        return step
    match await domain.personalization.recommended(wanted):
        case InterviewNext() as entry:
            return await _interview(entry, domain)
        case QuestionNext() as entry:
            return await taken_up(await domain.practice.repeat(entry.question_id), domain)
        case _:
            return step.saying(t("recommendations.replaced"), await shown(domain)).quietly()


async def _interview(entry: InterviewNext, domain: Domain) -> Planning:
    """An interview with just these settings, on the resume of then if it is still there."""
    kept = {each.id for each in await domain.resumes.all()}
    resume_id = entry.resume_id if entry.resume_id in kept else None
    settings = InterviewSettings(difficulty=entry.difficulty)
    return Planning(await domain.interviews.begin(resume_id, entry.interview, entry.count, settings=settings))


# What is shown


async def shown(domain: Domain) -> Say:
    """What to practise next, numbered, with a button for each that can be started here."""
    await domain.accounts.user()
    language = domain.who.language
    content = (await domain.personalization.profile()).recommended_content
    if content and not (domain.is_offline or is_worded(content, language)):
        await domain.personalization.word(soon=True)
    entries = [each for each in content if not isinstance(each, TopicNext) or each.language == language]
    if not entries:
        return say(t("recommendations.none"), buttons=column(Button(t("button.interview"), "/interview")))
    lines: list[Line | str] = [
        t("recommendations.line", number=number, what=what(each, language), because=because(each, language))
        for number, each in enumerate(entries, start=1)
    ]
    wanted = await domain.reminders.wanted()
    is_off = wanted is None or wanted.due_at is None
    daily = column(Button(t("button.reminders"), "/reminders")) if is_off else ()
    return say(t("recommendations.title", lines=lines), buttons=(*_buttons(entries), *daily))


def _buttons(entries: Sequence[Recommended]) -> Rows:
    found = []
    for number, each in enumerate(entries, start=1):
        value = f"/recommendations begin {entry_id(each)}"
        if isinstance(each, InterviewNext):
            found.append(Button(t("recommendations.begin_interview", number=number), value))
        elif isinstance(each, QuestionNext):
            found.append(Button(t("recommendations.begin_question", number=number), value))
    return column(*found)


def what(entry: Recommended, language: str) -> Line:
    """What is recommended."""
    match entry:
        case InterviewNext(count=count, difficulty=difficulty):
            kind = t(f"interview.kind.{entry.interview.value}")
            if difficulty is None:
                return t("recommendations.interview", kind=kind, count=count)
            hard = t(f"interview.difficulty.{difficulty.value}")
            return t("recommendations.interview_at", kind=kind, count=count, difficulty=hard)
        case QuestionNext(question=question):
            return t("recommendations.question", question=clipped(question, LONGEST_QUESTION))
        case ReadNext(name=name, reason=Reason(key=Because.RESUME_GAP)):
            return t("recommendations.gap", gap=clipped(name, LONGEST_QUESTION))
        case ReadNext(name=name):
            return t("recommendations.reading", name=shown_competency(name, language))
        case TopicNext(name=name):
            return t("recommendations.topic", name=name)


def because(entry: Recommended, language: str) -> Line:
    """Why: in the interviewer's words where they are in the person's language, else in the catalogue's."""
    if isinstance(entry, TopicNext):
        return t("plain", text=clipped(entry.because, LONGEST_REASON))
    if entry.worded is not None and entry.worded.language == language:
        return t("plain", text=clipped(entry.worded.text, LONGEST_REASON))
    return reason(entry.reason)


def reason(given: Reason) -> Line:
    """A reason as the catalogue words it."""
    subject = _subject(given)
    return t(f"because.{given.key.value}", subject=subject, score=given.score, count=given.count)


def _subject(given: Reason) -> Line | str:
    """What a reason speaks of: a name that the catalogue has, or else as it was told."""
    match given.key:
        case Because.MISSING_SKILL:
            return t(f"area.{given.subject}")
        case Because.WEAKER_KIND:
            return t(f"interview.kind.{given.subject}")
        case Because.DOMAIN if given.subject in DOMAINS:
            return t(f"background.domain.{given.subject}")
        case _:
            return given.subject


async def categories(domain: Domain) -> Say:
    """What the person practises and lacks, the weightiest first."""
    found = (await domain.personalization.profile()).preferred_categories[:MOST_CATEGORIES]
    if not found:
        return say(t("categories.none"))
    language = domain.who.language
    lines: list[Line | str] = [_category(each, language) for each in found]
    return say(t("categories.title", lines=lines))


def _category(each: Category, language: str) -> Line:
    name: Line | str = each.name
    if each.kind == "competency":
        name = shown_competency(each.name, language)
    elif each.kind == "area":
        name = t(f"area.{each.name}")
    return t("categories.line", name=name, because=reason(each.reason))

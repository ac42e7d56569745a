"""What is shown of a resume, wherever it is shown."""

from __future__ import annotations

from uuid import UUID

from bot.conversations.without_ai import told
from bot.step import Button, Line, Say, say, t
from domain.resumes.analysis import ResumeAnalysis
from domain.resumes.models import Resume
from domain.services import Domain

MOST_SKILLS = 15
MOST_LINES = 4


def slot(resume_id: UUID) -> str:
    """The message that shows how far a resume is."""
    return f"resume-{resume_id}"


async def resume_done(resume_id: UUID, domain: Domain) -> Say:
    """The progress message, at its end."""
    resume = await domain.resumes.one(resume_id)
    seconds = round(resume.processing_time or 0.0, 1)
    return say(t("resume.done", name=resume.file_name, seconds=seconds), slot=slot(resume_id))


async def resume_card(resume_id: UUID, domain: Domain, why: str = "") -> Say:
    """Inferred role, years, skills, confidence, strengths and gaps, and what can be done with it.

    `why` is why the AI took no part in reading it.
    """
    resume = await domain.resumes.one(resume_id)
    found = ResumeAnalysis.model_validate(resume.analysis or {})
    unknown = t("resume.card.unknown")
    years = (
        t("resume.card.years", count=resume.years_of_experience) if resume.years_of_experience else unknown
    )
    paragraphs = [
        t("resume.card.title", title=resume.title, version=resume.version),
        t(
            "resume.card.facts",
            role=resume.inferred_role or unknown,
            years=years,
            skills=", ".join(found.skills[:MOST_SKILLS]) or unknown,
            confidence=round(100 * (resume.confidence_score or 0)),
        ),
    ]
    if found.strengths:
        paragraphs.append(t("resume.card.strengths", lines=bullets(found.strengths)))
    if found.gaps:
        paragraphs.append(t("resume.card.gaps", lines=bullets(found.gaps)))
    if found.method == "rules":
        paragraphs.append(t("resume.card.by_rules"))
        paragraphs.extend(told(why, "analyse_resume"))
    if resume.hidden_text:
        paragraphs.append(t("resume.card.hidden_text"))
    return say(*paragraphs, buttons=_buttons(resume))


async def account_card(domain: Domain) -> Say:
    """Name, email, picture and number of sessions, and what can be changed."""
    user = await domain.accounts.user()
    verified = t("account.verified" if user.is_email_verified else "account.unverified")
    picture = t("account.picture.is", url=user.avatar_url) if user.avatar_url else t("account.picture.no")
    card = t(
        "account.card",
        name=user.full_name,
        email=user.email,
        verified=verified,
        picture=picture,
        count=await domain.accounts.sessions.count(),
    )
    rows = (
        (Button(t("button.name"), "/account name"), Button(t("button.picture"), "/account picture")),
        (Button(t("button.email"), "/account email"), Button(t("button.password"), "/account password")),
        (Button(t("button.sessions"), "/account sessions"),),
        (Button(t("button.chat"), "/account chat"),),
        (Button(t("button.background_card"), "/background"), Button(t("button.language"), "/language")),
        (Button(t("button.logout"), "/logout"), Button(t("button.erase"), "/delete")),
    )
    return say(card, buttons=rows)


def _buttons(resume: Resume) -> tuple[tuple[Button, ...], ...]:
    start = (Button(t("button.start_interview"), "/interview"),)
    versions = Button(t("button.versions"), f"/resume versions {resume.id}")
    delete = Button(t("button.delete"), f"/resume delete {resume.id}")
    return (start, (versions, delete) if resume.parent_version_id else (delete,))


def bullets(lines: list[str]) -> list[Line | str]:
    """The first few lines, each with a bullet."""
    return [f"• {line[:300]}" for line in lines[:MOST_LINES]]

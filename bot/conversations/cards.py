"""What is shown of a resume, wherever it is shown."""

from __future__ import annotations

from uuid import UUID

from bot.conversations.without_ai import told
from bot.step import Button, Line, Say, say, t
from domain.resumes.analysis import ResumeAnalysis, YearsBasis
from domain.resumes.models import Resume
from domain.services import Domain

MOST_SKILLS = 15
MOST_LINES = 4
MOST_SHOWN = 10  # versions, or resumes, that have buttons


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
    found = analysis_of(resume)
    paragraphs = [t("resume.card.title", title=resume.title, version=resume.version)]
    if resume.description:
        paragraphs.append(t("resume.card.description", text=resume.description))
    paragraphs.extend(resume_facts(resume, found))
    if found.method == "rules":
        paragraphs.append(t("resume.card.by_rules_now" if found.awaits_ai else "resume.card.by_rules"))
        paragraphs.extend(told(why, "analyse_resume"))
    if resume.hidden_text:
        paragraphs.append(t("resume.card.hidden_text"))
    if found.set_aside:
        quoted = [f"“{each}”" for each in found.set_aside[:MOST_LINES]]
        paragraphs.append(t("resume.card.set_aside", lines=quoted))
    return say(*paragraphs, buttons=_buttons(resume))


def analysis_of(resume: Resume) -> ResumeAnalysis:
    """What is known of a resume, also where it was stored by an earlier version of this program."""
    return ResumeAnalysis.model_validate(resume.analysis or {})


def resume_facts(resume: Resume, found: ResumeAnalysis) -> list[Line]:
    """What the analysis says, with what is inferred told as that."""
    unknown = t("resume.card.unknown")
    role: Line | str = resume.inferred_role or unknown
    if found.role_inferred and resume.inferred_role:
        role = t("resume.card.role_inferred", role=resume.inferred_role)
    named = [skill for skill in found.skills if skill not in found.inferred_skills]
    facts = [
        t(
            "resume.card.facts",
            role=role,
            years=years(resume, found),
            skills=", ".join(named[:MOST_SKILLS]) or unknown,
            confidence=round(100 * (resume.confidence_score or 0)),
        )
    ]
    if found.inferred_skills:
        facts.append(t("resume.card.inferred_skills", skills=", ".join(found.inferred_skills[:MOST_SKILLS])))
    strangers = [entry.employer for entry in found.experience if entry.inferred]
    if strangers:
        facts.append(t("resume.card.inferred_employers", employers=", ".join(strangers[:MOST_LINES])))
    if found.strengths:
        facts.append(t("resume.card.strengths", lines=bullets(found.strengths)))
    if found.gaps:
        facts.append(t("resume.card.gaps", lines=bullets(found.gaps)))
    return facts


def years(resume: Resume, found: ResumeAnalysis) -> Line:
    """The years of experience, and whether they could be checked."""
    if not resume.years_of_experience:
        return t("resume.card.unknown")
    counted = t("resume.card.years", count=resume.years_of_experience)
    if found.years_basis is YearsBasis.UNCHECKED:
        return t("resume.card.years_unchecked", years=counted)
    return counted


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
        (Button(t("button.chat"), "/account chat"), Button(t("button.export"), "/export")),
        (Button(t("button.background_card"), "/background"), Button(t("button.language"), "/language")),
        (Button(t("button.logout"), "/logout"), Button(t("button.erase"), "/delete")),
    )
    return say(card, buttons=rows)


def _buttons(resume: Resume) -> tuple[tuple[Button, ...], ...]:
    start = (Button(t("button.start_interview"), f"/interview {resume.id}"),)
    versions = Button(t("button.versions"), f"/resume versions {resume.id}")
    share = Button(t("button.share"), f"/resume share {resume.id}")
    delete = Button(t("button.delete"), f"/resume delete {resume.id}")
    edit = Button(t("button.edit"), f"/resume edit {resume.id}")
    return (start, (versions, share), (edit, delete))


def bullets(lines: list[str]) -> list[Line | str]:
    """The first few lines, each with a bullet."""
    return [f"• {line[:300]}" for line in lines[:MOST_LINES]]

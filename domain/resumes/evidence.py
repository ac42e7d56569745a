"""What a resume says in the fewest words: jobs with their dates, education, skills. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from domain.resumes.analysis import Experience, ResumeAnalysis

MOST_JOBS = 6
MOST_DEGREES = 3
MOST_SKILLS = 15
LONGEST_PART = 60
LONGEST_SUMMARY = 90


def evidence(analysis: ResumeAnalysis) -> str:
    """A line for each job, newest first, then years, education and skills; "" where nothing was found."""
    return "\n".join(_lines(analysis))


def _lines(analysis: ResumeAnalysis) -> Iterator[str]:
    for job in analysis.experience[:MOST_JOBS]:
        yield f"Job: {_job(job)}"
    if analysis.years_of_experience is not None:
        yield f"Years of experience: {analysis.years_of_experience}"
    for each in analysis.education[:MOST_DEGREES]:
        yield f"Education: {_joined(each.degree, each.school, each.year)}"
    if analysis.skills:
        yield f"Skills: {', '.join(skill[:LONGEST_PART] for skill in analysis.skills[:MOST_SKILLS])}"


def _job(job: Experience) -> str:
    dates = " – ".join(filter(None, (job.start, job.end)))
    line = _joined(job.title, job.employer, dates)
    return f"{line}: {job.summary[:LONGEST_SUMMARY]}" if job.summary else line


def _joined(*parts: str) -> str:
    return ", ".join(part[:LONGEST_PART] for part in parts if part)

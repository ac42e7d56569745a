"""What an answer says otherwise than the resume: what is noticed, and above all what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters.offline import OfflineInterviewer
from domain.adapters.offline_text import texts
from domain.interviews.bank import load_bank
from domain.interviews.contradictions import Contradiction, contradiction, plain
from domain.interviews.guard import GuardedInterviewer
from domain.interviews.plan import ProbeReason
from domain.ports import Candidate, TurnRequest
from domain.resumes.analysis import Education, Experience, ResumeAnalysis
from domain.resumes.evidence import evidence

TODAY = date(2026, 11, 22)
RESUME = ResumeAnalysis(
    experience=[
        Experience(title="Backend Engineer", employer="Nordwind GmbH", start="2024-11", end="present"),
        Experience(title="Developer", employer="Acme", start="Nov 2022", end="Oct 2024"),
    ],
    education=[Education(degree="BSc Computer Science", school="Example University", year="2022")],
    skills=["Python", "Kubernetes", "PostgreSQL"],
    inferred_skills=["PostgreSQL"],
    years_of_experience=4,
)
TEXT = "Ana Example\nBackend Engineer\nCertified Scrum Master since 2023"


def found(answer: str, language: str = "en", text: str = TEXT) -> Contradiction | None:
    return contradiction(answer, RESUME, text, language, TODAY)


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (
            "Well, I have ten years of Kubernetes behind me.",
            "years",
            "I have ten years of Kubernetes behind me",
        ),
        ("With more than 12 years of experience, I do.", "years", "With more than 12 years of experience"),
        ("I've been using Python for fifteen years.", "years", "I've been using Python for fifteen years"),
        ("I joined Acme in 2015, and stayed.", "employer", "I joined Acme in 2015"),
        ("In 2017 I worked at Acme.", "employer", "In 2017 I worked at Acme"),
        ("I spent six years at Acme.", "employer", "I spent six years at Acme"),
        ("I worked at Nordwind GmbH for 8 years.", "employer", "I worked at Nordwind GmbH for 8 years"),
        ("I did my PhD on queues.", "degree", "I did my PhD on queues"),
        ("I’ve never used k8s, so I would ask.", "skill", "I’ve never used k8s"),
        ("I have no experience with Kubernetes.", "skill", "I have no experience with Kubernetes"),
    ],
)
def test_what_differs_is_noticed(answer: str, kind: str, said: str) -> None:
    noticed = found(answer)
    assert noticed is not None
    assert (noticed.kind, noticed.said) == (kind, said)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("Llevo diez años trabajando con Python.", "years"),
        ("Tengo más de doce años de experiencia.", "years"),
        ("Entré en Acme en 2015.", "employer"),
        ("Trabajé seis años en Acme.", "employer"),
        ("Hice un doctorado sobre colas.", "degree"),
        ("Nunca he usado Kubernetes, la verdad.", "skill"),
    ],
)
def test_what_differs_is_noticed_in_spanish(answer: str, kind: str) -> None:
    noticed = found(answer, "es")
    assert noticed is not None
    assert noticed.kind == kind


@pytest.mark.parametrize(
    "answer",
    [
        "I have four years of experience with Python.",
        "I have five years of experience, near enough.",
        "I have been programming for fifteen years, since I was a child.",
        "I have ten years of school Latin.",
        "I've been playing the piano for twenty years, and used it to relax.",
        "Our customer had ten years of data.",
        "We kept it running for ten years.",
        "The system was ten years old when I joined Acme.",
        "My colleague has ten years of experience with Kubernetes.",
        "I joined Acme in 2022.",
        "I joined Acme, which was founded in 1990.",
        "I left Acme in 2024.",
        "I spent two years at Acme.",
        "In 2015 I moved to Berlin.",
        "I worked with a customer of Acme in 2015.",
        "I did my bachelor's degree in 2022.",
        "I worked with a PhD student on it.",
        "I have a master's degree in patience, as they say of every scrum master.",
        "I have never used Kubernetes in production before this.",
        "I had never used Rust.",
        "I have no experience with PostgreSQL.",
        "They never used Kubernetes.",
        "",
    ],
)
def test_what_may_well_be_true_is_left_alone(answer: str) -> None:
    assert found(answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        "Tengo diez años.",
        "Tengo cuatro años de experiencia.",
        "Llevo veinte años tocando la guitarra.",
        "El sistema tenía diez años de historia.",
        "Entré en Acme en 2022.",
        "Nunca usaron Kubernetes.",
    ],
)
def test_what_may_well_be_true_is_left_alone_in_spanish(answer: str) -> None:
    assert found(answer, "es") is None


def test_years_that_the_resume_states_or_cannot_date_are_no_contradiction() -> None:
    said = "I have ten years of experience."
    assert found(said) is not None
    assert found(said, text="12+ years of experience in small companies") is None
    undated = RESUME.model_copy(update={"experience": [Experience(title="Developer", employer="Acme")]})
    assert contradiction(said, undated, "", "en", TODAY) is None
    assert contradiction(said, ResumeAnalysis(), "", "en", TODAY) is None
    assert found(said, "de") is None


@given(st.text(max_size=60))
def test_text_is_made_plain_character_by_character(text: str) -> None:
    assert len(plain(text)) == len(text)


@given(st.text(max_size=200), st.sampled_from(["en", "es"]))
def test_what_is_quoted_was_said(answer: str, language: str) -> None:
    noticed = found(f"{answer} I have ten years of experience.", language)
    assert noticed is None or noticed.said in f"{answer} I have ten years of experience."


def asked(answer: str, language: str = "en") -> TurnRequest:
    candidate = Candidate(language, resume_text=TEXT, resume=RESUME)
    return TurnRequest(candidate, load_bank()[0].planned(language), answer, may_probe=True)


@pytest.mark.parametrize(
    ("language", "answer", "words"),
    [
        (
            "en",
            "I have ten years of Kubernetes.",
            ["“I have ten years of Kubernetes”", "about 4 years"],
        ),
        ("en", "I joined Acme in 2015.", ["“I joined Acme in 2015”", "Acme as Nov 2022 – Oct 2024"]),
        (
            "es",
            "Hice un doctorado sobre colas.",
            ["«Hice un doctorado sobre colas»", "«BSc Computer Science»"],
        ),
        ("es", "Nunca he usado k8s.", ["«Nunca he usado k8s»", "Kubernetes"]),
    ],
)
async def test_it_is_asked_about_once_and_kindly(language: str, answer: str, words: list[str]) -> None:
    interviewer = GuardedInterviewer(OfflineInterviewer(today=lambda: TODAY))
    request = asked(answer, language)
    evaluation = await interviewer.evaluate_turn(request)
    assert evaluation.probe_reason is ProbeReason.CONTRADICTS_RESUME
    assert all(each in evaluation.probe for each in words), evaluation.probe
    again = replace(request, probed=(ProbeReason.CONTRADICTS_RESUME,), before=("…",))
    assert (await interviewer.evaluate_turn(again)).probe_reason is not ProbeReason.CONTRADICTS_RESUME


def test_every_kind_has_its_question() -> None:
    kinds = {key.rpartition("_")[2] for key in texts("en") if key.startswith("probe_contradicts_resume_")}
    assert kinds == {"years", "employer", "degree", "skill"}


def test_the_evidence_of_a_resume_is_short_however_long_it_is() -> None:
    assert evidence(RESUME).splitlines() == [
        "Job: Backend Engineer, Nordwind GmbH, 2024-11 – present",
        "Job: Developer, Acme, Nov 2022 – Oct 2024",
        "Years of experience: 4",
        "Education: BSc Computer Science, Example University, 2022",
        "Skills: Python, Kubernetes, PostgreSQL",
    ]
    job = Experience(title="t" * 500, employer="e" * 500, start="2020", end="2021", summary="s" * 5000)
    long = RESUME.model_copy(update={"experience": [job] * 50, "skills": ["Python"] * 500})
    assert len(evidence(long)) < 2500
    assert evidence(ResumeAnalysis()) == ""

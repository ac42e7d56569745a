"""Resumes by rules: what is found, what is not, and that little is claimed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters.offline import OfflineInterviewer
from domain.background.vocabulary import skills_in
from domain.resumes.analysis import ExtractedText, FileType, ResumeAnalysis, ResumeFacts
from domain.resumes.rules import PARTS, read_resume
from domain.resumes.timeline import months_covered, ranges_in

TODAY = date(2026, 11, 15)

ENGLISH = """\
Maria Gonzalez
Senior Backend Engineer
maria@example.com | +1 (312) 555-0142 | Chicago, IL | linkedin.com/in/maria-example

Experience
Example Payments Inc | Senior Backend Engineer
Mar 2020 – Present
• Cut checkout latency by 40% for 2 million customers with Go, Kafka and Postgres
• Saved 12 hours a week by automating releases on k8s
• Grew the team from 3 to 8 people
Sample Books Ltd — Software Engineer
06/2016 - 12/2020
• Built Django services

Education
B.Sc. Computer Science
Example University, 2012 - 2016

Skills
Python, C, R, Go, Docker, Terraform

Languages
English (native), Spanish (B2)
"""

SPANISH = """\
JUAN PÉREZ GÓMEZ
Desarrollador frontend
Correo: juan.perez@example.com
Tel.: +34 600 555 014

Experiencia laboral
Desarrollador frontend, Ejemplo S.A.
enero de 2021 - actualidad
Mantengo la tienda con React y TypeScript
Analista programador, Muestra S.L.
2018 - 2020

Formación académica
Grado en Ingeniería Informática
Universidad de Ejemplo, 2017

Habilidades
JavaScript, React, CSS

Idiomas
Español (nativo), inglés (C1)
"""


def document(text: str, *, hidden: bool = False, links: tuple[str, ...] = ()) -> ExtractedText:
    return ExtractedText(file_type=FileType.PDF, text=text, hidden_text=hidden, links=links)


def read(text: str, language: str = "en") -> ResumeFacts:
    return read_resume(document(text), language, TODAY)


def test_an_english_resume() -> None:
    facts = read(ENGLISH)
    analysis = facts.analysis
    assert analysis.is_resume
    assert analysis.contact.name == "Maria Gonzalez"
    assert analysis.contact.email == "maria@example.com"
    assert analysis.contact.phone == "+1 (312) 555-0142"
    assert analysis.contact.location == "Chicago, IL"
    assert analysis.contact.links == ["linkedin.com/in/maria-example"]
    assert analysis.inferred_role == "Senior Backend Engineer"
    assert analysis.years_of_experience == 10
    expected = {
        "Python",
        "C",
        "R",
        "Go",
        "Docker",
        "Terraform",
        "Kafka",
        "PostgreSQL",
        "Kubernetes",
        "Django",
    }
    assert set(analysis.skills) == expected
    assert [(job.start, job.end) for job in analysis.experience] == [
        ("Mar 2020", "Present"),
        ("06/2016", "12/2020"),
    ]
    assert analysis.experience[0].title == "Senior Backend Engineer"
    assert analysis.experience[1].title == "Software Engineer"
    assert analysis.education[0].degree == "B.Sc. Computer Science"
    assert (analysis.education[0].school, analysis.education[0].year) == (
        "Example University, 2012 - 2016",
        "2016",
    )
    assert analysis.languages == ["English", "Spanish"]
    assert facts.found == PARTS
    assert analysis.confidence == pytest.approx(0.6)
    assert analysis.method == "rules"


def test_a_spanish_resume() -> None:
    analysis = read(SPANISH, "es").analysis
    assert analysis.contact.name == "Juan Pérez Gómez"
    assert analysis.inferred_role == "Desarrollador frontend"
    assert analysis.contact.phone == "+34 600 555 014"
    assert analysis.years_of_experience == 8
    assert analysis.languages == ["Inglés", "Español"]
    assert {"JavaScript", "React", "CSS", "TypeScript"} <= set(analysis.skills)
    assert analysis.education[0].degree == "Grado en Ingeniería Informática"


@pytest.mark.parametrize(
    ("top", "name", "phone", "location"),
    [
        (
            "Jane Smith\n12 Example Way, Springfield, IL 62701\n(+1) 312-555-0123",
            "Jane Smith",
            "(+1) 312-555-0123",
            "Springfield, IL 62701",
        ),
        ("John Doe\nPleasantville, CA 94588 (555) 123-4567", "John Doe", "(555) 123-4567", ""),
        ("PERSONAL INFORMATION Katie Smith\nDublin, Ireland", "Katie Smith", "", "Dublin, Ireland"),
        (
            "John Doe’s CV\n- Location: Lima, Perú\n- Phone: +51 999 888 777",
            "John Doe",
            "+51 999 888 777",
            "Lima, Perú",
        ),
        ("Ana Ruiz\nUniversity of Example, May 2010\nBachelor of Arts, Business", "Ana Ruiz", "", ""),
        (
            "Max Muster\nBerlin, Deutschland | +49 30 12345678",
            "Max Muster",
            "+49 30 12345678",
            "Berlin, Deutschland",
        ),
        ("Home Address\nx@example.com", "", "", ""),
    ],
)
def test_who_it_is_and_where(top: str, name: str, phone: str, location: str) -> None:
    contact = read(f"{top}\nExperience\nEngineer at Other Ltd, Boston, MA, 2019 - 2020").analysis.contact
    assert (contact.name, contact.phone, contact.location) == (name, phone, location)


@pytest.mark.parametrize(
    ("job", "title", "employer"),
    [
        (
            "Example Inc. Seoul, S.Korea\nDevOps Engineer Sep. 2023 - Mar. 2024",
            "DevOps Engineer",
            "Example Inc.",
        ),
        (
            "Co-Founder & CTO San Francisco, CA\nExample AI June 2023 – present",
            "Co-Founder & CTO",
            "Example AI",
        ),
        ("Staff Engineer · Example Labs\nAustin, TX | Mar 2021 - Present", "Staff Engineer", "Example Labs"),
        ("Example Ltd — Engineer\nMar 2019 – Dec 2021 · Remote", "Engineer", "Example Ltd"),
        (
            "Example Ltd, Research Intern Santa Clara, CA\n• Designed things, fast May 2022 – Aug 2022",
            "Research Intern",
            "Example Ltd",
        ),
        ("Data Analyst Jan 2020 - Dec 2021\n• Led a team of Example Ltd\n", "Data Analyst", ""),
        (
            "Ingeniera de datos, Ejemplo S.A., Madrid, España 2018 - 2020",
            "Ingeniera de datos",
            "Ejemplo S.A.",
        ),
    ],
)
def test_a_job_has_a_title_and_an_employer_and_no_place(job: str, title: str, employer: str) -> None:
    (found,) = read(f"Ana Ruiz\nana@example.com\nExperience\n{job}").analysis.experience
    assert (found.title, found.employer) == (title, employer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dear Sir or Madam, the invoice 4711 of 2024-03-01 over $ 300 is due. Yours, Example Ltd",
        "Chapter 1. The river. It was a warm day in 1984 and nobody knew where the cat had gone. " * 20,
        "Install with pip install example. Run Docker and Kubernetes. See the license. " * 10,
    ],
)
def test_what_is_no_resume(text: str) -> None:
    facts = read(text)
    assert not facts.analysis.is_resume
    assert facts.analysis.confidence <= 0.3


def test_a_resume_in_a_script_the_rules_do_not_read_is_not_refused() -> None:
    text = "علی احمدی\nمهندس نرم افزار\nali@example.com\nسوابق کاری\nشرکت فناوری اطلاعات"
    assert read(text).analysis.is_resume


def test_soft_hyphens_in_dates_are_read() -> None:
    assert read("Experience\nEngineer\nSep. 2022 \xad Aug. 2024").analysis.years_of_experience == 2


def test_links_behind_words_count() -> None:
    links = ("mailto:x@example.com", "https://github.com/example")
    analysis = read_resume(document("Xu Example\nExperience", links=links), "en", TODAY).analysis
    assert analysis.contact.email == "x@example.com"
    assert analysis.contact.links == ["https://github.com/example"]


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Jan 2020 - Dec 2020", 12),
        ("March 2019 to May 2019", 3),
        ("2018 – 2019", 24),
        ("01/2020 – 06/2020", 6),
        ("2020-01 – 2020-06", 6),
        ("2024-07 – ", 29),
        ("enero de 2020 a marzo de 2020", 3),
        ("Nov 2026 - present", 1),
        ("junio 2026 – la actualidad", 6),
        ("sept. 2025 bis heute", 15),
    ],
)
def test_date_ranges(text: str, months: int) -> None:
    (found,) = ranges_in(text, TODAY)
    assert found.last - found.first + 1 == months


@pytest.mark.parametrize(
    "text", ["2024", "2022 - 2019", "call 555-2019-2020", "in 2019 we grew", "1850 - 1900"]
)
def test_what_is_no_date_range(text: str) -> None:
    assert ranges_in(text, TODAY) == []


def test_overlapping_jobs_count_once() -> None:
    assert months_covered(ranges_in("2015 - 2018\n2016 - 2018\n2020 - 2020", TODAY)) == 5 * 12


@given(st.lists(st.tuples(st.integers(1990, 2026), st.integers(1990, 2026)), max_size=8))
def test_years_are_never_more_than_the_span(pairs: list[tuple[int, int]]) -> None:
    text = "\n".join(f"{min(pair)} - {max(pair)}" for pair in pairs)
    years = months_covered(ranges_in(text, TODAY)) // 12
    first, last = min((min(p) for p in pairs), default=0), max((max(p) for p in pairs), default=0)
    assert 0 <= years <= max(0, last - first + 1) if pairs else years == 0


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("We run k8s with postgres", ["Kubernetes", "PostgreSQL"]),
        ("JavaScript", ["JavaScript"]),
        ("Languages: C, C++, C#, R", ["C", "C++", "C#", "R"]),
        ("C and Go", ["C", "Go"]),
        ("Go to market in vitamin C form, R. Smith said", ["Go-to-market"]),
        ("I go home; ready to go.", []),
        ("We had to go, and we react to the spring", []),
        ("Node.js, .NET, ASP.NET", ["Node.js", ".NET"]),
        ("React, Native", ["React"]),
        ("React Native", ["React Native"]),
        ("CI/CD on GitHub Actions.", ["CI/CD", "GitHub Actions"]),
        ("golang", ["Go"]),
        ("Restaurant service", []),
    ],
)
def test_skills_are_whole_words_and_meant(text: str, skills: list[str]) -> None:
    assert skills_in(text) == skills


@given(st.text(max_size=400))
def test_any_text_is_survived(text: str) -> None:
    analysis = read(text).analysis
    assert 0 <= analysis.confidence <= 0.6


async def analysed(resume: ExtractedText, language: str = "en") -> ResumeAnalysis:
    facts = read_resume(resume, language, TODAY)
    return await OfflineInterviewer().analyse_resume(resume, language, facts)


async def test_strengths_and_gaps_are_said_in_the_language_of_the_candidate() -> None:
    english = await analysed(document(ENGLISH))
    assert any("10 years" in line for line in english.strengths)
    assert english.gaps == []
    spanish = await analysed(document(SPANISH, hidden=True), "es")
    assert any("medible" in line for line in spanish.gaps)
    assert any("no ve" in line for line in spanish.gaps)
    bare = await analysed(document("Experience\nEducation\nnothing here"))
    assert bare.strengths == []
    assert len(bare.gaps) >= 5


async def test_of_what_is_no_resume_nothing_is_said() -> None:
    analysis = await analysed(document("A poem about the sea"))
    assert not analysis.is_resume
    assert analysis.gaps == []
    assert not analysis.strengths


@pytest.mark.parametrize(
    ("text", "name", "role", "years", "employer", "languages"),
    [
        (
            "李 华\n高级软件工程师\nli@example.com\n工作经历\n"
            "后端开发工程师 – 示例科技2018年4月 – 2021年3月\n"
            "教育背景\n计算机学士 – 示例大学 2012 – 2016\n语言\n英语: 熟练",
            "李 华",
            "高级软件工程师",
            3,
            "示例科技",
            ["English"],
        ),
        (
            "عمر المصري\nمهندس برمجيات أول\nomar@example.com\nالخبرات\n"
            "مهندس برمجيات – مثال | 07-2020 – 06-2024\n"
            "التعليم\nبكالوريوس هندسة – جامعة المثال\nاللغات\nالإنجليزية: متقدم",
            "عمر المصري",
            "مهندس برمجيات أول",
            4,
            "مثال",
            ["English"],
        ),
        (
            "Мария Примерова\nВедущий дизайнер\nmaria@example.com\nОпыт работы\n"
            "Дизайнер, Пример, январь 2020 – декабрь 2022\nОбразование\n"
            "Бакалавр, Университет Примера\nЯзыки\nАнглийский",
            "Мария Примерова",
            "Ведущий дизайнер",
            3,
            "Пример",
            ["English"],
        ),
        (
            "山田 太郎\nソフトウェアエンジニア\ntaro@example.com\n職歴\n"
            "株式会社例 2019年 ~ 2021年\n学歴\n例大学 学士",
            "山田 太郎",
            "ソフトウェアエンジニア",
            3,
            "株式会社例",
            [],
        ),
    ],
    ids=["zh", "ar", "ru", "ja"],
)
def test_other_scripts(
    text: str, name: str, role: str, years: int, employer: str, languages: list[str]
) -> None:
    analysis = read(text).analysis
    assert analysis.is_resume
    assert (analysis.contact.name, analysis.inferred_role) == (name, role)
    assert analysis.years_of_experience == years
    assert analysis.education
    assert analysis.languages == languages
    assert employer in [entry.employer for entry in analysis.experience]

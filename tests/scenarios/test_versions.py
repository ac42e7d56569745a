"""Versions of a resume: what changed, how interviews went with each, titles, the file again, deleting."""

from __future__ import annotations

from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.documents import pdf, written
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import RESUME, begins_interview, member, resume_pdf

LATER = (
    *RESUME[:3],
    "Projects",
    "Wrote a parser for bank statements.",
    "Experience",
    "Staff Engineer, Sample & Sons, 2024 - 2025",
    *RESUME[4:-1],
    "Python, PostgreSQL, Docker, Kubernetes, Redis, Rust, Terraform, Linux, Git",
)
INTERVIEW = """
    INSERT INTO interview_sessions
        (id, user_id, resume_id, kind, question_count, language, status, final_score)
    SELECT gen_random_uuid(), user_id, id, 'mixed', 3, 'en', 'completed', $2
    FROM resumes WHERE version = $1
"""


async def sends(ana: Person, content: bytes, name: str) -> Message:
    await ana.sends(content, name)
    return await ana.hears("^Skills: ")


async def newest_card(ana: Person) -> Message:
    await ana.says("/resume")
    card = await ana.hears("^Skills: ")
    await ana.hears("To add another one")
    return card


async def test_what_changed_and_how_interviews_went(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    first = await sends(ana, resume_pdf(), "cv.pdf")
    await ana.taps("Versions", on=first)
    alone = await ana.hears("^Versions")
    assert "What changed" not in alone.text
    await sends(ana, pdf(written(LATER)), "cv-new.pdf")
    await ana.hears("Is this a new version")
    await ana.taps("New version of “cv”")
    placed = await ana.hears("Kept as a new version")
    assert placed.text.split("\n\n", 1)[1].splitlines() == [
        "What changed from version 1 to 2",
        "Years of experience: 7 → 8",
        "Skills gained: Rust",
        "Skills no longer named: Kafka",
        "Employers added: Sample & Sons",
        "Sections added: Projects",
    ]
    for version, score in ((1, 4.0), (1, 5.5), (2, None)):
        await greenroom.rows(INTERVIEW, version, score)
    await ana.taps("Versions", on=first)
    told = await ana.hears("^Versions")
    lines = told.text.splitlines()
    assert lines[1].startswith("2. cv-new.pdf – ")
    assert lines[1].endswith("; one interview, no score yet")
    assert lines[2].endswith("skills found; 2 interviews, mean score 4.8 of 10")
    assert "Skills gained: Rust" in told.text
    await ana.taps("Version 1", on=told)
    await ana.hears(r"cv \(version 1\)")
    await ana.taps("Start interview")
    await ana.hears("What kind")
    (row,) = await greenroom.rows("SELECT step->>'resume_id' AS id FROM chats")
    (old,) = await greenroom.rows("SELECT id FROM resumes WHERE version = 1")
    assert row["id"] == str(old["id"])
    await ana.taps("File of version 2", on=told)
    sent = await ana.receives("document", "cv-new.pdf")
    assert sent.file is not None
    assert sent.file.content == pdf(written(LATER))

    # A button of an earlier message cannot make a circle of two versions.
    (old, new) = await greenroom.rows("SELECT id FROM resumes ORDER BY version")
    for typed in (f"version {old['id']}", f"place {old['id']}", f"version {new['id']}"):
        await ana.says(f"/resume {typed}")
        await ana.hears("has its place already")


async def test_titles_and_descriptions(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await sends(ana, resume_pdf(), "cv.pdf")
    second = await sends(ana, resume_pdf(), "cv2.pdf")
    await ana.hears("Is this a new version")
    await ana.taps("New version")
    same = await ana.hears("Kept as a new version")
    assert "Skills, years, role, employers and sections are the same" in same.text
    await ana.taps("Edit", on=second)
    await ana.hears("Its title is “cv”")
    await ana.says("x" * 101)
    await ana.hears("at most 100 characters")
    await greenroom.restarts()
    await ana.says("For <b>banks</b> & others")
    card = await ana.hears("^Skills: ")
    assert card.text.startswith("For <b>banks</b> & others (version 2)")
    titles = await greenroom.rows("SELECT DISTINCT title FROM resumes")
    assert [row["title"] for row in titles] == ["For <b>banks</b> & others"]

    await ana.taps("Edit", on=card)
    asked = await ana.hears("Its title is")
    await ana.taps("Change the description")
    await ana.hears("Type a line or two")
    await ana.taps("Leave it", on=asked, stale=True)
    await ana.hears("belongs to an earlier message")
    await ana.says("The short one")
    card = await ana.hears("^Skills: ")
    assert "\n\nThe short one\n\n" in card.text
    await ana.taps("Edit", on=card)
    await ana.hears("Its title is")
    await ana.says("change the description instead")
    await ana.hears("Now it says: The short one")
    await ana.says("/cancel")
    await ana.hears("/resume takes you back")
    await ana.taps("Edit", on=card)
    await ana.hears("Its title is")
    await ana.taps("Change the description")
    await ana.hears("Now it says")
    await ana.taps("No description")
    assert "The short one" not in (await ana.hears("^Skills: ")).text


async def test_deleting_a_version_a_resume_and_all(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        await sends(ana, resume_pdf(), name)
        if name != "a.pdf":
            await ana.hears("Is this a new version")
            await ana.taps("New version")
            await ana.hears("Kept as a new version")
    await sends(ana, resume_pdf(), "other.pdf")
    await ana.hears("Is this a new version")
    await ana.taps("Another resume")
    await ana.hears("of its own")
    await sends(ana, resume_pdf(), "third.pdf")
    place = await ana.hears("Is this a new version")
    assert [b.text for b in place.buttons] == [
        "New version of “other”",
        "New version of “a”",
        "Another resume",
    ]
    await ana.taps("New version of “a”")
    await ana.hears("What changed from version 3 to 4")

    ids = {r["file_name"]: r["id"] for r in await greenroom.rows("SELECT id, file_name FROM resumes")}
    await ana.says(f"/resume delete {ids['b.pdf']}")
    asked = await ana.hears("for good")
    assert [b.text for b in asked.buttons] == ["Only version 2", "All 4 versions", "No, keep it"]
    await ana.taps("Only version 2")
    await ana.hears("Deleted")
    await ana.says(f"/resume versions {ids['a.pdf']}")
    told = await ana.hears("^Versions")
    assert [line[:2] for line in told.text.splitlines()[1:4]] == ["4.", "3.", "1."]
    await ana.says(f"/resume delete {ids['a.pdf']}")
    await ana.hears("for good")
    await ana.says("all 3 versions")
    await ana.hears("Deleted")
    left = await greenroom.rows("SELECT file_name FROM resumes")
    assert [row["file_name"] for row in left] == ["other.pdf"]

    await sends(ana, resume_pdf(), "last.pdf")
    await ana.hears("Is this a new version")
    await ana.taps("Another resume")
    await ana.hears("of its own")
    await ana.says("/resume")
    overview = await ana.hears("To add another one")
    await ana.taps("Delete all resumes", on=overview)
    await ana.hears("all your resumes")
    await ana.says("no")
    await ana.hears("It stays")
    await ana.taps("Delete all resumes", on=overview)
    await ana.hears("all your resumes")
    await ana.taps("Yes, delete all")
    await ana.hears("All your resumes are deleted")
    for table in ("resumes", "blobs"):
        assert await greenroom.rows(f"SELECT FROM {table}") == []
    await ana.taps("Delete all resumes", on=overview)
    await ana.hears("Send me your resume")


async def test_further_resumes_in_the_middle_of_an_interview(greenroom: Greenroom) -> None:
    """Placed by buttons that hold at any time; where several could be meant, the interview waits."""
    ana = await member(greenroom)
    await begins_interview(ana)
    await sends(ana, resume_pdf(), "a.pdf")
    await sends(ana, resume_pdf(), "b.pdf")
    offer = await ana.hears("If it is a new version")
    assert [b.text for b in offer.buttons] == ["New version of “a”"]
    await sends(ana, resume_pdf(), "c.pdf")
    offer = await ana.hears("If it is a new version")
    assert [b.text for b in offer.buttons] == ["New version of “b”", "A version of another one"]
    await ana.taps("A version of another one", on=offer)
    await ana.hears("Is this a new version")
    await ana.taps("New version of “a”")
    await ana.hears("What changed from version 1 to 2")
    await ana.taps("New version of “b”", on=offer)
    await ana.hears("has its place already")
    await ana.says("/interview")
    await ana.hears("unfinished interview")

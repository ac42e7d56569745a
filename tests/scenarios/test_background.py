"""The background questions: by tap, in words, skipped, changed one by one, and over a restart."""

from __future__ import annotations

import json

import asyncpg

from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import member, resume_pdf


async def newcomer(greenroom: Greenroom) -> Person:
    """Somebody who has not answered anything yet, at the first question."""
    candidate = await member(greenroom)
    await greenroom.rows("UPDATE background_information SET experience_level = NULL")
    await candidate.says("/background")
    await candidate.hears("How experienced")
    return candidate


async def given(greenroom: Greenroom) -> asyncpg.Record:
    rows = await greenroom.rows(
        "SELECT experience_level, primary_domain, programming_languages::text AS languages,"
        " software_tools::text AS tools, hardware_setup::text AS hardware,"
        " technical_preferences::text AS preferences FROM background_information"
    )
    return rows[0]


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


def ticked(message: Message) -> list[str]:
    return [label.removeprefix("✓ ") for label in labels(message) if label.startswith("✓ ")]


async def test_by_taps(greenroom: Greenroom) -> None:
    """Several answers are ticked on one message that is edited in place, and can be taken back."""
    ana = await newcomer(greenroom)
    await ana.taps("Intermediate")
    await ana.hears("domain")
    await ana.taps("DevOps")
    languages = await ana.hears("programming languages")
    assert labels(languages)[-1] == "Skip"
    for tapped, picked in (("Python", ["Python"]), ("Go", ["Python", "Go"]), ("✓ Python", ["Go"])):
        await ana.taps(tapped, on=languages)
        edited = await ana.hears("programming languages")
        assert edited.message_id == languages.message_id
        assert ticked(edited) == picked
        assert labels(edited)[-1] == "Done"
    await ana.taps("✓ Go", on=languages)
    assert labels(await ana.hears("programming languages"))[-1] == "Skip"
    await ana.taps("SQL", on=languages)
    await ana.hears("programming languages")
    await ana.taps("Done", on=languages)
    tools = await ana.hears("software tools")
    assert labels(tools)[:5] == ["Git", "Docker", "Kubernetes", "Linux", "Terraform"], "usual in DevOps"
    await ana.taps("Docker", on=tools)
    await ana.hears("software tools")
    await ana.taps("Done", on=tools)
    hardware = await ana.hears("hardware")
    for tapped, picked in (
        ("macOS", ["macOS"]),
        ("Linux", ["macOS", "Linux"]),
        ("Laptop", ["macOS", "Linux", "Laptop"]),
        ("16 GB", ["macOS", "Linux", "Laptop", "16 GB"]),
        ("32 GB", ["macOS", "Linux", "Laptop", "32 GB"]),
        ("✓ macOS", ["Linux", "Laptop", "32 GB"]),
    ):
        await ana.taps(tapped, on=hardware)
        edited = await ana.hears("hardware")
        assert edited.message_id == hardware.message_id
        assert ticked(edited) == picked
    await ana.taps("Done", on=hardware)
    preferences = await ana.hears("preferences")
    for tapped in ("💬 Español", "Brief feedback", "⏰ 20:30", "⏰ 08:00"):
        await ana.taps(tapped, on=preferences)
        preferences = await ana.hears("preferences")
    assert ticked(preferences) == ["💬 Español", "Brief feedback", "⏰ 08:00"]
    await ana.taps("Done", on=preferences)
    card = await ana.hears("Your background")
    assert card.text.splitlines()[1:] == [
        "Experience: Intermediate",
        "Domain: DevOps",
        "Languages: SQL",
        "Tools: Docker",
        "Hardware: Linux · Laptop · 32 GB",
        "Preferences: 💬 Español · Brief feedback · ⏰ 08:00",
    ]
    await ana.taps("Done")
    await ana.hears("Hello Ana")
    row = await given(greenroom)
    assert json.loads(row["hardware"]) == {
        "operating_systems": ["Linux"],
        "machine": "laptop",
        "memory_gb": 32,
    }
    assert json.loads(row["preferences"]) == {
        "interview_language": "es",
        "feedback_depth": "brief",
        "daily_practice_time": "08:00",
    }


async def test_in_words(greenroom: Greenroom) -> None:
    ana = await newcomer(greenroom)
    for unclear in ("somewhere in between", "skip", "Experte", "<b>&"):
        await ana.says(unclear)
        await ana.hears("tap one of the buttons, or type what it says")
        await ana.hears("How experienced")
    await ana.says("EXPERT.")
    await ana.hears("domain")
    await ana.says("Fin<tech> & אבטחה 🏦")
    await ana.hears("programming languages")
    await ana.says("python, go & SQL")
    noted = await ana.hears("Noted: Python, Go, SQL")
    assert ticked(noted) == ["Python", "Go", "SQL"], "what was typed is ticked where it was offered"
    await ana.says("COBOL and <i>APL</i>; Python")
    noted = await ana.hears("Noted: Python, Go, SQL, COBOL, <i>APL</i>")
    assert ticked(noted) == ["Python", "Go", "SQL", "COBOL", "<i>APL</i>"]
    await ana.taps("✓ COBOL", on=noted)
    assert ticked(await ana.hears("programming languages")) == ["Python", "Go", "SQL", "<i>APL</i>"]
    await ana.says(" , ; & ")
    await ana.hears("could not find an answer")
    await ana.says("k8s")
    noted = await ana.hears("Kubernetes: I keep that among your tools")
    assert "Kubernetes" not in labels(noted)
    await ana.taps("Done", on=noted)
    tools = await ana.hears("software tools")
    assert ticked(tools) == ["Kubernetes"], "tools are asked for though one is known"
    await ana.says("Rust")
    await ana.hears("Rust: I keep that among your languages")
    await ana.says("done")
    await ana.hears("hardware")
    await ana.says("h" * 1001)
    await ana.hears("too long: at most 1,000 characters")
    await ana.says("ThinkPad <X1>, 32 GB & two screens")
    await ana.hears("^Noted: ThinkPad <X1> · 32 GB · two screens.$")
    await ana.hears("preferences")
    await ana.says("Tiling wm, no mouse 🐭, עברית, I'd like to answer by voice, at 7:30 pm")
    await ana.hears("Noted: 💬 עברית · By voice · ⏰ 19:30")
    card = await ana.hears("Your background")
    assert card.text.splitlines()[1:] == [
        "Experience: Expert",
        "Domain: Fin<tech> & אבטחה 🏦",
        "Languages: Python, Go, SQL, <i>APL</i>, Rust",
        "Tools: Kubernetes",
        "Hardware: ThinkPad <X1> · 32 GB · two screens",
        "Preferences: 💬 עברית · By voice · ⏰ 19:30 · Tiling wm, no mouse 🐭",
    ]


async def test_each_answer_is_changed_by_itself(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.says("/background")
    card = await ana.hears("Your background")
    assert labels(card) == [
        "Answer what is missing",
        "Change experience",
        "Change domain",
        "Change languages",
        "Change tools",
        "Change hardware",
        "Change preferences",
        "Done",
    ]
    for change, prompt, answer, shown in (
        ("Change experience", "How experienced", "junior", "Experience: Beginner"),
        ("Change domain", "domain", "games", "Domain: Games"),
        ("Change languages", "programming languages", "Rust", "Languages: Rust"),
        ("Change tools", "software tools", "Git", "Tools: Git"),
        ("Change hardware", "hardware", "An old laptop", "Hardware: An old laptop"),
        ("Change preferences", "preferences", "In writing", "Preferences: In writing"),
        ("Change hardware", "hardware", "64 GB, Linux", "Hardware: Linux · An old laptop · 64 GB"),
    ):
        await ana.taps(change)
        await ana.hears(prompt)
        await ana.says(answer)
        if change in ("Change languages", "Change tools"):
            await ana.hears("Noted")
            await ana.taps("Done")
        await ana.hears(shown)
    assert "Answer what is missing" not in labels(ana.last)
    await ana.says("change hardware")
    hardware = await ana.hears("What hardware")
    await ana.taps("✓ An old laptop", on=hardware)
    await ana.hears("What hardware")
    await ana.says("/cancel")
    await ana.hears("/background takes you back")
    await ana.says("/profile")
    await ana.hears("Hardware: Linux · 64 GB")
    await ana.says("whatever")
    await ana.hears("tap one of the buttons")
    await ana.hears("Your background")
    await ana.says("done")
    await ana.hears("Hello Ana")


async def test_as_much_as_somebody_may_tell(greenroom: Greenroom) -> None:
    """The longest answers still make a card that Telegram takes."""
    ana = await member(greenroom)
    many = ", ".join(f"no. {n} {'🐍' * 40}" for n in range(45))  # as long as a message may be
    for change, answer in (
        ("languages", many),
        ("tools", many),
        ("hardware", "🖥" * 1000),
        ("preferences", "<&>" * 333),
    ):
        await ana.says("/background")
        await ana.hears("Your background")
        await ana.says(f"change {change}")
        await ana.hears(change)
        await ana.says(answer)
        if change in ("languages", "tools"):
            await ana.hears("Noted")
            await ana.says("done")
        await ana.hears("Your background")
    assert json.loads((await given(greenroom))["hardware"]) == {"notes": "🖥" * 1000}


async def test_a_restart_between_any_two_messages(greenroom: Greenroom) -> None:
    ana = await newcomer(greenroom)
    await greenroom.restarts()
    await ana.taps("Advanced")
    await ana.hears("domain")
    await greenroom.stops()
    await ana.says("Data")
    greenroom.start()
    languages = await ana.hears("programming languages")
    await ana.taps("Python")
    await ana.hears("programming languages")
    await greenroom.restarts()
    await ana.taps("SQL", on=languages)
    assert ticked(await ana.hears("programming languages")) == ["Python", "SQL"]
    await greenroom.stops()
    await ana.taps("Done", on=languages)
    greenroom.start()
    await ana.hears("software tools")
    row = await given(greenroom)
    assert (row["experience_level"], row["primary_domain"]) == ("advanced", "data")
    assert row["languages"] == '["Python", "SQL"]'


async def test_old_buttons_and_double_taps(greenroom: Greenroom) -> None:
    """A tap counts once; one that is long past is answered from where the chat is now."""
    ana = await newcomer(greenroom)
    level = ana.last
    await ana.taps("Advanced", on=level)
    query = await ana.taps("Beginner", on=level, stale=True)
    await ana.hears("domain")
    await ana.hears("belongs to an earlier message. This is where we are now")
    domain = await ana.hears("domain")
    await ana.answered(query)
    assert (await given(greenroom))["experience_level"] == "advanced"
    await ana.taps("AI", on=domain)
    await ana.hears("programming languages")
    assert domain.message_id != level.message_id
    assert (await given(greenroom))["primary_domain"] == "ai"


async def test_the_level_that_the_years_of_the_resume_make_is_offered(greenroom: Greenroom) -> None:
    ana = await newcomer(greenroom)
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("Skills")
    await ana.says("/background")
    level = await ana.hears("From your resume: Advanced. Right[?]")
    assert labels(level)[:2] == ["Yes, that's right", "Beginner"]
    await ana.says("yes")
    await ana.hears("domain")
    await ana.says("/background")
    card = await ana.hears("Experience: Advanced")
    await ana.taps("Change experience", on=card)
    assert "From your resume" not in (await ana.hears("How experienced")).text


async def test_what_the_resume_says_is_offered(greenroom: Greenroom) -> None:
    """One tap takes it; what is answered already is not asked again, and an interruption loses nothing."""
    ana = await member(greenroom)
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("Skills")
    await ana.says("/background")
    await ana.hears("Domain: –")
    await ana.taps("Answer what is missing")
    domain = await ana.hears("From your resume: Web. Right[?]")
    assert labels(domain)[0] == "Yes, that's right"
    await ana.taps("Data")
    languages = await ana.hears("From your resume: Python. Right[?]")
    await ana.taps("SQL", on=languages)
    languages = await ana.hears("programming languages")
    assert "From your resume" not in languages.text
    await ana.says("/cancel")
    await ana.hears("/background takes you back")
    await ana.says("/background")
    await ana.hears("Languages: SQL\nTools: –")
    await ana.taps("Answer what is missing")
    tools = await ana.hears("From your resume: PostgreSQL, Docker, Kubernetes, .*Right[?]")
    await ana.taps("Kafka", on=tools)
    tools = await ana.hears("software tools")
    await ana.taps("✓ Kafka", on=tools)
    await ana.hears("software tools")
    await ana.says("yes")
    await ana.hears("^Noted: PostgreSQL, Docker, Kubernetes")
    await ana.hears("hardware")
    await ana.says("skip")
    await ana.hears("preferences")
    await ana.says("skip")
    await ana.hears("Languages: SQL\nTools: PostgreSQL, Docker, Kubernetes")

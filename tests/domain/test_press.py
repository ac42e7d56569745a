"""Pictures and documents: any script or a word that it cannot be drawn, bounded time, fonts read rightly."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
import typst
from fontTools.ttLib import TTFont
from PIL import Image
from pypdf import PdfReader

from domain.adapters.press import Press
from domain.adapters.typesetter.fonts import EMBEDDED, Coverage, character_ranges
from domain.errors import Unavailable
from domain.interviews.debrief import debrief
from domain.interviews.jobs import ReportWritten
from domain.interviews.plan import Plan, PlannedQuestion
from domain.interviews.progress import Progress
from domain.interviews.rubric import KeyPoint
from domain.interviews.sheet_words import LANGUAGES, language_of, sheet_words
from domain.interviews.sheets import progress_picture, report_document, report_picture
from domain.messaging.telling import Tell, described, told
from tests.loopback.rehearsals import rehearsed

TTF = Path(mpl.get_data_path()) / "fonts" / "ttf"
LONG = "Communication with people who are no engineers, under pressure, at short notice, in writing " * 2
PRIVATE = "\U0010fffd"  # the last private character: no font gives it a shape


@pytest.fixture
def press() -> Press:
    return Press(seconds=60.0)


async def words(press: Press, answer: str) -> tuple[str, int]:
    """What is read in the PDF of an interview with this answer, and how much of it could not be drawn."""
    session, turns = rehearsed(("met", "missing"), ("partly", "missing"), answer=answer)
    printed = await press.document(report_document(debrief(session, turns, ()), turns, "en"))
    pages = PdfReader(BytesIO(printed.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split()), printed.undrawable


async def test_a_picture_is_as_wide_as_a_phone_and_grows_with_its_words(press: Press) -> None:
    heights = []
    for competency in ("Short", LONG, "x" * 100):
        session, turns = rehearsed(("met", "missing"), competency=competency)
        drawn = await press.picture(report_picture(debrief(session, turns, ()), "es"))
        picture = Image.open(BytesIO(drawn.content)).convert("RGB")
        assert picture.width == 1080
        margin = picture.crop((1080 - 40, 0, 1080, picture.height)).getcolors()
        assert margin == [(40 * picture.height, (255, 255, 255))], "nothing runs over it"
        heights.append(picture.height)
    short, *longer = heights
    assert min(longer) > short + 40, "a long name takes lines of its own"


async def test_what_cannot_be_drawn_is_said(press: Press) -> None:
    """Latin and Cyrillic need no font of the machine; of others what is not drawn is counted."""
    read, undrawable = await words(press, "Ünïcödé & «Кириллица», ελληνικά #let x = 1 $y$ `z`")
    assert undrawable == 0
    assert "Ünïcödé & «Кириллица», ελληνικά #let x = 1 $y$ `z`" in read
    read, undrawable = await words(press, f"before {PRIVATE}{PRIVATE} after")
    assert "before [?] after" in read
    assert undrawable >= 2
    assert f"no font on this machine has them: {undrawable}. They stand as [?]" in read


async def test_scripts_that_need_a_font_are_drawn_or_counted(press: Press) -> None:
    """Whatever fonts this machine has: nobody is shown empty boxes."""
    for word in ("你好世界", "हिन्दी", "한국어", "🙂🙃"):
        read, undrawable = await words(press, f"before {word} after")
        if undrawable:
            assert f"before {word} after" not in read
            assert "[?]" in read
        else:
            assert "[?]" not in read
            assert word[0] in read


def test_a_report_is_printed_in_the_language_of_its_interview() -> None:
    session, turns = rehearsed(("met",))
    session.language = "ru"
    found = debrief(session, turns, ())
    assert report_document(found, turns, "es").content["title"] == "Техническое интервью"
    assert report_picture(found, "es").content["title"] == "Entrevista técnica"
    session.language = "fi"
    assert report_document(found, turns, "es").content["title"] == "Entrevista técnica"


async def test_a_sheet_that_takes_too_long_is_given_up() -> None:
    session, turns = rehearsed(("met",))
    sheet = report_picture(debrief(session, turns, ()), "en")
    with pytest.raises(Unavailable, match=r"press\.slow"):
        await Press(seconds=0.01).picture(sheet)


async def test_progress_over_nothing_scored(press: Press) -> None:
    drawn = await press.picture(progress_picture(Progress(0, (), (), (), 0), "en"))
    assert Image.open(BytesIO(drawn.content)).width == 1080


def test_every_language_has_the_same_words() -> None:
    for language in LANGUAGES:
        translated = sheet_words(language)
        assert set(translated) == set(sheet_words("en"))
        for name, text in sheet_words("en").items():
            gaps = set(re.findall(r"\{[a-z]+\}", text))
            assert set(re.findall(r"\{[a-z]+\}", translated[name])) == gaps, (language, name)
    assert language_of("pt-BR", "es-MX") == "es"
    assert language_of("xx") == "en"


@pytest.mark.parametrize("name", ["DejaVuSans.ttf", "cmr10.ttf", "STIXGeneral.ttf"])
def test_the_characters_of_a_font_are_read_as_another_reader_reads_them(name: str) -> None:
    ours = {code for first, last in character_ranges(TTF / name) for code in range(first, last + 1)}
    theirs = set(TTFont(TTF / name).getBestCmap())
    assert ours == theirs


def test_what_is_no_font_draws_nothing(tmp_path: Path) -> None:
    for content in (b"", b"not a font at all", (TTF / "DejaVuSans.ttf").read_bytes()[:300]):
        (tmp_path / "broken.ttf").write_bytes(content)
        coverage = Coverage([(tmp_path / "broken.ttf", 0), (tmp_path / "none.ttf", 0)])
        assert coverage.lacking("Aя\u200d\ufe0f语") == {"语"}


def test_the_fonts_inside_typst_draw_what_we_rely_on() -> None:
    """Each character's shape differs from the one that stands for what is not there."""
    codes = [code for first, last in EMBEDDED for code in range(first, last + 1)]
    drawn = [chr(code) for code in codes if chr(code).isprintable() and not chr(code).isspace()]
    source = '#set text(font: "Libertinus Serif")\n' + "\n\n".join(
        f'#text("{each}")' if each not in '"\\' else f'#text("\\{each}")' for each in [PRIVATE, *drawn]
    )
    svg: Any = typst.compile(source.encode(), format="svg", ignore_system_fonts=True)
    pages: list[bytes] = svg if isinstance(svg, list) else [svg]  # several pages are a list
    shapes = [shape for page in pages for shape in re.findall(r'xlink:href="#(\w+)"', page.decode())]
    assert len(shapes) == len(drawn) + 1
    missing = [each for each, shape in zip(drawn, shapes[1:], strict=True) if shape == shapes[0]]
    assert missing == []


def test_a_picture_survives_waiting_for_a_session() -> None:
    """What happens while a session has ended is kept as JSON."""
    session, _ = rehearsed(("met",))
    happened = ReportWritten(session.id, again=True, was=3.5, picture=bytes(range(256)))
    assert told(Tell.model_validate_json(Tell(**described(happened)).model_dump_json())) == happened


def test_a_transcript_says_why_each_question_was_asked() -> None:
    session, turns = rehearsed(("met",))
    assert session.plan is None
    assert report_document(debrief(session, turns, ()), turns, "en").content["turns"][0]["notes"] == []
    key_points = tuple(KeyPoint.model_validate(point) for point in turns[0].rubric)
    asked = {name: getattr(turns[0], name) for name in ("kind", "competency", "difficulty")}
    question = PlannedQuestion(**asked, text="?", key_points=key_points, why="The role needs it.")
    session.plan = Plan(questions=(question,)).model_dump(mode="json")
    notes = report_document(debrief(session, turns, ()), turns, "en").content["turns"][0]["notes"]
    assert notes == ["Why it was asked: The role needs it."]

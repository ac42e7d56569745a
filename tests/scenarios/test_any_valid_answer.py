"""A model that keeps to the schema and to nothing else: whatever that allows, the talk goes on to its end."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.loopback.by_schema import How, answered
from tests.loopback.gemini import KINDS, LoopbackGemini
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import ANSWER, begins_interview, member, resume_pdf

VOICE = b"OggS" + bytes(200)


@pytest.fixture(params=get_args(How))
def how(request: pytest.FixtureRequest) -> How:
    return request.param  # type: ignore[no-any-return]  # pytest does not know the type of a parameter


async def test_from_a_resume_to_a_report(how: How, judged: Greenroom, gemini: LoopbackGemini) -> None:
    for kind in KINDS.values():
        gemini.answers(kind, lambda call: answered(call.schema, how))
    ana = await member(judged)
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("(?m)^(Role:|I read the file, but)")
    await begins_interview(ana, length="2")
    await ana.says(ANSWER)
    while "Question 2 of 2" not in (await ana.hears("^(Question 2 of 2|Follow-up)")).text:
        await ana.says(ANSWER)
    await ana.says(ANSWER)
    while "Final score" not in (await ana.hears("(?m)^Final score|^Follow-up")).text:
        await ana.says("skip")
    await ana.says("/recommendations")
    await ana.hears("practise")
    await ana.says("/progress")
    await ana.hears("(?i)interviews")
    assert "it is my fault" not in ana.transcript()

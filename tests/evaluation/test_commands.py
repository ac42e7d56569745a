"""`greenroom evaluate` and `greenroom rehearse`, as an operator runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.evaluate import evaluate
from bot.rehearse import rehearse
from bot.settings import Settings, WrongSetting
from domain.evaluation.writing import NO_SCORE
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.judging import properly

PNG = b"\x89PNG\r\n\x1a\n"
OFFLINE = Settings(_env_file=None)
CASES = 4  # judgements of an answer: two runs, padded, injected


def gemini_at(url: str) -> Settings:
    return OFFLINE.model_copy(update={"gemini_api_key": SecretStr("key"), "gemini_base_url": url})


def greenroom(*words: str, folder: Path) -> tuple[int, str]:
    """The command line itself: its exit code and what it complains of."""
    command = [sys.executable, "-m", "bot", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


async def test_an_evaluation_of_gemini_is_told_and_written(
    gemini: LoopbackGemini, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gemini.answers("evaluate_turn", properly)
    out = tmp_path / "report"
    assert await evaluate(gemini_at(gemini.url), data=None, saf=None, runs=2, limit=24, out=out) == 0
    told = capsys.readouterr().out
    assert (
        f"24 answers of the bundled set, judged by {OFFLINE.gemini_model}: {24 * CASES} judgements." in told
    )
    report = (out / "evaluation.md").read_text()
    assert "keyword check" not in told + report
    for said in ("QWK", "Pearson", "Spearman", "MAE", "**all together** | 24", "same value in every run"):
        assert said in report
    assert "padded against plain | 24 |" in report
    assert "injected against plain | 24 |" in report
    asked = len(gemini.requests)
    assert asked == 24 * CASES
    assert f"{asked} requests, {10 * asked} tokens in, {10 * asked} out; cost $0.0" in report
    for name in ("agreement.png", "effects.png"):
        assert f"]({name})" in report
        assert (out / name).read_bytes().startswith(PNG)


async def test_without_a_key_it_says_that_there_are_no_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = {"question": "Why a cache?", "key_points": ["Reads are many", {"text": "It is measured"}]}
    lines = [
        {**line, "answer": "Since the reads are many, and we measured it.", "scale": [0, 5], "score": 5},
        {**line, "answer": "Because it is modern.", "scale": [0, 5], "score": 0},
    ]
    mine = tmp_path / "mine.jsonl"
    mine.write_text("\n".join(map(json.dumps, lines)))
    assert await evaluate(OFFLINE, data=mine, saf=None, runs=1, limit=None, out=tmp_path) == 0
    assert NO_SCORE.replace("*", "") in capsys.readouterr().out
    report = (tmp_path / "evaluation.md").read_text()
    assert NO_SCORE in report
    assert "One run only" in report
    assert "requests" not in report


async def test_the_public_set_is_judged_too(shared: Path, tmp_path: Path) -> None:
    saf = shared / "datasets" / "saf"
    assert await evaluate(OFFLINE, data=None, saf=saf, runs=1, limit=36, out=tmp_path) == 0
    assert "36 answers of SAF" in (tmp_path / "evaluation.md").read_text()


async def test_an_interviewer_that_judges_nothing_is_a_failure(
    gemini: LoopbackGemini, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gemini.fail("403", times=None)
    out = tmp_path / "report"
    assert await evaluate(gemini_at(gemini.url), data=None, saf=None, runs=1, limit=2, out=out) == 1
    assert "not judged: gemini.key 6" in capsys.readouterr().out
    assert not out.exists()


async def test_a_rehearsal_is_told_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await rehearse(OFFLINE, persona="average", interviews=2, questions=2, out=tmp_path) == 0
    told = capsys.readouterr().out
    assert NO_SCORE.replace("*", "") in told
    assert told.count("\naverage ") == 2
    assert "Spearman between known strength and mentioned ×10: not defined" in told
    assert NO_SCORE in (tmp_path / "rehearsal.md").read_text()
    assert (tmp_path / "personas.png").read_bytes().startswith(PNG)


async def test_what_cannot_be_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongSetting, match=r"^--out: .*cannot be written"):
        await rehearse(OFFLINE, persona="hostile", interviews=1, questions=1, out=tmp_path / "file")
    with pytest.raises(WrongSetting, match=r"^--questions: expected 1 to 20"):
        await rehearse(OFFLINE, persona="hostile", interviews=1, questions=21, out=tmp_path)
    with pytest.raises(WrongSetting, match=r"^--saf: .*holds no SAF file"):
        await evaluate(OFFLINE, data=None, saf=tmp_path, runs=1, limit=None, out=tmp_path)


def test_the_command_line_takes_its_options(tmp_path: Path) -> None:
    code, error = greenroom("evaluate", "--data", "none.jsonl", folder=tmp_path)
    assert (code, error) == (2, "greenroom: --data: none.jsonl: No such file or directory\n")
    code, error = greenroom("evaluate", "--runs", "0", folder=tmp_path)
    assert code == 2
    assert "argument --runs" in error


def test_nothing_of_this_is_loaded_to_serve() -> None:
    code = (
        "import bot.program, bot.app, sys; "
        "sys.exit(any(name.split('.')[0] in ('matplotlib', 'numpy') or name.startswith('domain.evaluation')"
        " for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0

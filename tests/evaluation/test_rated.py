"""Data sets: ours keeps its promises, others are read or refused with the place."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evaluation.padding import FILLERS, padded
from domain.evaluation.rated import (
    MOST_KEY_POINTS,
    IllFormed,
    by_question,
    limited,
    ours,
    read_file,
    read_jsonl,
    read_saf,
    statements,
)
from domain.interviews.keywords import mentioned
from domain.interviews.rubric import Judgement, Verdict, checked, is_quoted, score
from domain.interviews.sentences import pieces

LINE = {"question": "Why?", "key_points": ["A reason"], "answer": "Because.", "score": 3, "scale": [0, 5]}


def test_our_set_has_five_levels_of_every_question_each_with_its_reason() -> None:
    answers = ours()
    questions = by_question(answers)
    assert len(answers) >= 60
    assert len(questions) >= 12
    assert len({answer.id for answer in answers}) == len(answers)
    assert Counter(answer.language for answer in answers)["es"] >= 10
    for of_it in questions.values():
        assert [answer.level for answer in of_it] == [5, 4, 3, 2, 1]
        scores = [answer.human for answer in of_it]
        assert scores == sorted(scores, reverse=True)
        assert len(set(scores)) == 5
    assert all(len(answer.why.split()) >= 3 for answer in answers)


def test_our_scores_follow_the_rubric() -> None:
    for answer in ours():
        assert list(answer.scale) == [0, 10]
        verdicts = [
            Judgement(key_point=index, quote=quote, verdict=verdict)
            for index, (quote, verdict) in enumerate(zip(answer.quotes, answer.verdicts, strict=True))
        ]
        assert len(verdicts) == len(answer.key_points)
        assert all(is_quoted(j.quote, answer.answer) for j in verdicts if j.verdict is not Verdict.MISSING)
        assert score(checked(verdicts, len(verdicts), answer.answer, answer.question)) == answer.score


def test_a_line_needs_no_more_than_question_rubric_answer_score_and_scale() -> None:
    [answer] = read_jsonl(["", json.dumps(LINE)], "mine")
    assert (answer.human, answer.id, answer.language) == (6.0, "mine:2", "en")
    assert answer.planned().key_points[0].text == "A reason"
    [answer] = read_jsonl(
        [json.dumps({**LINE, "key_points": [], "reference": "One thing. Another thing too."})]
    )
    assert [point.text for point in answer.planned().key_points] == ["Another thing too."]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"scale": [5, 0]}, "scale"),
        ({"score": 9}, "scale"),
        ({"key_points": []}, "reference"),
        ({"question": ""}, "question"),
        ({"score": "high"}, "score"),
    ],
)
def test_an_ill_formed_line_is_named(changed: dict[str, object], told: str) -> None:
    with pytest.raises(IllFormed, match=rf"mine, line 2: .*{told}"):
        read_jsonl([json.dumps(LINE), json.dumps({**LINE, **changed})], "mine")


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IllFormed, match="No such file"):
        read_file(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(IllFormed, match="holds no rated answer"):
        read_file(tmp_path / "empty.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"\xe9")
    with pytest.raises(IllFormed, match="UTF-8"):
        read_file(tmp_path / "latin.jsonl")
    with pytest.raises(IllFormed, match="line 1"):
        read_jsonl(["{"])
    with pytest.raises(IllFormed, match="no SAF file"):
        read_saf(tmp_path)
    (tmp_path / "odd.xml").write_text("<question><studentAnswer/></question>")
    with pytest.raises(IllFormed, match=r"odd\.xml"):
        read_saf(tmp_path)


@given(st.text(max_size=300))
def test_any_reference_becomes_a_rubric_of_bounded_size(reference: str) -> None:
    points = statements(reference)
    assert 1 <= len(points) <= MOST_KEY_POINTS
    assert all(len(point.text) <= 300 for point in points)


def test_a_listed_reference_becomes_its_items() -> None:
    points = statements(
        "Possible differences:\n- a shorter header in UDP\n2) TCP keeps the order\n\nBoth have ports."
    )
    assert [point.text for point in points] == [
        "a shorter header in UDP",
        "TCP keeps the order",
        "Both have ports.",
    ]


def test_saf_is_read(shared: Path) -> None:
    answers = read_saf(shared / "datasets" / "saf")
    assert len(answers) > 1_300
    assert len(by_question(answers)) == 18
    assert {answer.scale for answer in answers} == {(0, 1)}
    assert min(len(answer.answer.split()) for answer in answers) == 5
    assert 0 < sum(answer.human for answer in answers) / len(answers) < 10
    assert len({answer.id for answer in answers}) == len(answers)


@given(st.integers(1, 70))
def test_a_limit_spreads_over_the_questions(most: int) -> None:
    chosen = limited(ours(), most)
    assert len(chosen) == min(most, len(ours()))
    counts = [len(of_it) for of_it in by_question(chosen).values()]
    assert max(counts) - min(counts) <= 1
    assert len(counts) == min(most, 12)


def test_padding_adds_length_and_nothing_else() -> None:
    for answer in ours():
        longer = padded(answer.answer, answer.language)
        assert longer == padded(answer.answer, answer.language)
        assert len(longer.split()) > len(answer.answer.split()) * 1.5
        assert all(is_quoted(piece, longer) for piece in pieces(answer.answer) if piece.strip())
        before = mentioned(answer.planned(), answer.answer)
        after = mentioned(answer.planned(), longer)
        assert [each.verdict for each in before] == [each.verdict for each in after], answer.id


def test_fillers_say_nothing_that_our_questions_ask_for() -> None:
    for answer in ours():
        for filler in FILLERS[answer.language]:
            found = mentioned(answer.planned(), filler)
            assert {each.verdict for each in found} == {Verdict.MISSING}, (answer.id, filler)

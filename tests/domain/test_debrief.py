"""Debriefs and progress: true of their interviews, and no more said than the numbers allow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from domain.interviews.debrief import LONGEST_QUOTE, debrief, excerpt
from domain.interviews.models import InterviewQuestion, InterviewSession
from domain.interviews.progress import progress, weeks_in_a_row
from domain.interviews.results import Results, results
from domain.interviews.rubric import is_quoted
from tests.loopback.rehearsals import ANSWER, rehearsed

GOOD, FAIR, BAD = ("met", "met"), ("met", "missing"), ("missing", "missing")
verdict_lists = st.lists(
    st.lists(st.sampled_from(["met", "partly", "missing"]), min_size=1, max_size=4), min_size=1, max_size=6
)


def with_results(
    made: tuple[InterviewSession, list[InterviewQuestion]],
) -> tuple[InterviewSession, Results]:
    session, turns = made
    return session, results(turns)


def test_the_best_and_the_weakest_moment() -> None:
    found = debrief(*rehearsed(FAIR, GOOD, BAD), ())
    assert found.best is not None
    assert found.weakest is not None
    assert (found.best.position, found.best.score, found.best.missing) == (2, 10.0, ())
    assert is_quoted(found.best.quote, ANSWER)
    assert (found.weakest.position, found.weakest.score) == (3, 0.0)
    assert found.weakest.missing == ("Point 0 of 3", "Point 1 of 3")
    assert found.weakest.quote == ANSWER


def test_nothing_stands_out_of_one_question_of_equal_ones_or_of_unjudged_ones() -> None:
    for made in (rehearsed(GOOD), rehearsed(FAIR, FAIR), rehearsed(GOOD, BAD, judged=False)):
        found = debrief(*made, ())
        assert (found.best, found.weakest) == (None, None)


@given(verdict_lists, st.text(min_size=1, max_size=600))
def test_moments_are_of_their_interview(verdicts: list[list[str]], answer: str) -> None:
    found = debrief(*rehearsed(*verdicts, answer=answer), ())
    scores = [topic.score for topic in found.results.answered if topic.score is not None]
    for moment, extreme in ((found.best, max(scores)), (found.weakest, min(scores))):
        assert moment is None or moment.score == extreme
        assert moment is None or len(moment.quote) <= LONGEST_QUOTE + 2
    if found.best and found.weakest:
        assert found.best.score > found.weakest.score


@given(st.text(max_size=600), st.integers(5, 50))
def test_an_excerpt_is_the_beginning(text: str, most: int) -> None:
    line = " ".join(text.split())
    shown = excerpt(text, most)
    assert line.startswith(shown.removesuffix(" …").rstrip())
    assert len(shown) <= most + 2
    assert shown == line or shown.endswith(" …")


def test_compared_with_the_interviews_before() -> None:
    before = [with_results(rehearsed(FAIR)), with_results(rehearsed(BAD)), with_results(rehearsed(GOOD))]
    unjudged = with_results(rehearsed(GOOD, judged=False))
    found = debrief(*rehearsed(GOOD), [unjudged, *before]).earlier
    assert (found.count, found.last, found.mean) == (3, 5.0, 5.0)
    assert found.before(" ownership") == 5.0
    assert found.before("Something else") is None
    none = debrief(*rehearsed(GOOD), [unjudged]).earlier
    assert (none.count, none.last, none.mean, none.before("Ownership")) == (0, None, None, None)


def test_progress_of_few_interviews_claims_little() -> None:
    made = [with_results(rehearsed(each)) for each in (BAD, GOOD, GOOD)]
    one, three = progress(made[:1], [], [], date(2026, 11, 22)), progress(made, [], [], date(2026, 11, 22))
    assert (one.trend, one.standings[0].before, one.standings[0].recent) == (None, None, 0.0)
    assert (three.trend, three.standings[0].before, three.standings[0].recent) == (None, 0.0, 10.0)
    five = progress([*made, *made[:2]], [], [], date(2026, 11, 22))
    assert five.trend == (5.0, 6.7)
    assert five.standings[0].times == 5


def test_an_interview_nobody_judged_is_a_point_without_a_score() -> None:
    found = progress([with_results(rehearsed(GOOD, judged=False))], [], [], date(2026, 11, 22))
    assert [(point.score, point.provisional) for point in found.points] == [(None, True)]
    assert found.standings == ()


def test_versions_of_a_resume_side_by_side() -> None:
    old, new, unused = uuid4(), uuid4(), uuid4()
    made = [
        with_results(rehearsed(BAD, resume_id=old)),
        with_results(rehearsed(FAIR, resume_id=old)),
        with_results(rehearsed(GOOD, resume_id=new)),
        with_results(rehearsed(GOOD, resume_id=new, judged=False)),
    ]
    found = progress(made, [(old, "CV", 1), (new, "CV", 2), (unused, "CV", 3)], [], date(2026, 11, 22))
    shown = [(each.version, each.count, each.mean) for each in found.versions]
    assert shown == [(1, 2, 2.5), (2, 1, 10.0)]


def test_weeks_in_a_row() -> None:
    sunday = date(2026, 11, 22)
    assert weeks_in_a_row([], sunday) == 0
    assert weeks_in_a_row([sunday], sunday) == 1
    monday = sunday + timedelta(days=1)
    assert weeks_in_a_row([sunday], monday) == 1, "a week that has only begun breaks nothing"
    assert weeks_in_a_row([sunday], sunday + timedelta(days=8)) == 0
    assert weeks_in_a_row([sunday - timedelta(days=7 * n) for n in (0, 1, 2, 4)], sunday) == 3


@given(st.lists(st.integers(0, 400)), st.integers(0, 30))
def test_more_days_never_shorten_a_streak(ago: list[int], more: int) -> None:
    today = datetime(2026, 11, 22, tzinfo=UTC).date()
    days = [today - timedelta(days=each) for each in ago]
    assert weeks_in_a_row([*days, today - timedelta(days=more)], today) >= weeks_in_a_row(days, today)

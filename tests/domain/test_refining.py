"""What code makes of an evaluation: no quote that was not said, no fact that was not given."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.interviews.plan import Difficulty, PlannedQuestion, QuestionKind
from domain.interviews.refining import refined, told_as_story
from domain.interviews.rubric import Judgement, KeyPoint, Verdict, is_quoted
from domain.ports import Candidate, Evaluation, Objection, TurnRequest

STORY = PlannedQuestion(
    text="Tell me about a slow query.",
    kind=QuestionKind.BEHAVIOURAL,
    competency="databases",
    difficulty=Difficulty.EASY,
    key_points=(KeyPoint(text="Names the index", keywords=("Redis",)),),
)
KNOWLEDGE = STORY.model_copy(update={"kind": QuestionKind.TECHNICAL})
REQUEST = TurnRequest(
    candidate=Candidate("en", "Data engineer", "Worked at Kestrel with Airflow for 6 years."),
    question=STORY,
    answer="I added an index and it took 12 minutes.",
)
FOUND = Evaluation(
    judgements=(Judgement(key_point=0, quote="an index", verdict=Verdict.MET),),
    feedback="You said “an index” and “ninety percent”.",
    model_answer="At Kestrel I ran Airflow. I added Redis in 12 minutes, 90% faster, as in 6 other cases.",
)
words = st.lists(st.from_regex(r"[a-z]{2,7}", fullmatch=True), min_size=1, max_size=8).map(" ".join)


def test_resume_earlier_answers_and_the_question_are_facts() -> None:
    told = refined(FOUND, REQUEST, ())
    assert told.model_answer == (
        "At Kestrel I ran Airflow. I added [tool] in 12 minutes, [your figure] faster, as in 6 other cases."
    )
    assert told.feedback == "You said “an index” and ninety percent."
    more = refined(FOUND, REQUEST, ("I said before that Redis made it 90 percent faster.",))
    assert more.model_answer == FOUND.model_answer


def test_what_a_question_of_knowledge_is_after_may_be_named() -> None:
    told = refined(FOUND, replace(REQUEST, question=KNOWLEDGE), ())
    assert "I added Redis in 12 minutes, [your figure]" in told.model_answer


def test_what_was_objected_may_be_quoted_but_is_no_fact() -> None:
    objected = replace(REQUEST, objection=Objection("It was ninety percent, with Redis!", (Verdict.MISSING,)))
    told = refined(FOUND, objected, ())
    assert told.feedback == FOUND.feedback
    assert "[tool]" in told.model_answer


def test_a_keyword_check_is_left_alone() -> None:
    outline = replace(FOUND, provisional=True)
    assert refined(outline, REQUEST, ()) == outline


@given(st.lists(words, min_size=4, max_size=4), words)
def test_a_story_is_told_in_the_words_of_the_answer_only(quotes: list[str], answer: str) -> None:
    told = told_as_story(replace(FOUND, star=tuple(quotes)), answer)
    assert told is not None
    assert all(quote == "" or is_quoted(quote, answer) for quote in told)
    assert [bool(quote) for quote in told] == [is_quoted(quote, answer) for quote in quotes]


def test_no_story_where_the_interviewer_gave_none() -> None:
    assert told_as_story(FOUND, "anything") is None
    assert told_as_story(replace(FOUND, star=("", "", "", "")), "anything") is None
    assert told_as_story(replace(FOUND, star=("anything",)), "anything") is None

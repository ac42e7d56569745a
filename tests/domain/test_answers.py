"""Answers that come in several messages, of which any may be edited."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.interviews.answers import BETWEEN, LONGEST_ANSWER, Answer

CHAT = 7
texts = st.lists(st.text(max_size=40), min_size=1, max_size=6)


def made_of(parts: list[str]) -> Answer:
    answer = Answer()
    for message_id, text in enumerate(parts, start=1):
        answer = answer.added(text, CHAT, message_id)
    return answer


@given(texts)
def test_an_answer_is_its_messages_one_below_the_other(parts: list[str]) -> None:
    answer = made_of(parts)
    assert answer.text == BETWEEN.join(parts)
    assert Answer.stored(answer.text, answer.rows()) == answer


@given(texts, st.data())
def test_an_edit_replaces_its_own_message_only(parts: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(parts) - 1))
    new = data.draw(st.text(max_size=40))
    edited = made_of(parts).edited(new, CHAT, at + 1)
    assert edited == made_of([*parts[:at], new, *parts[at + 1 :]])


@given(texts)
def test_a_message_of_another_chat_or_none_changes_nothing(parts: list[str]) -> None:
    assert made_of(parts).edited("new", CHAT + 1, 1) is None
    assert made_of(parts).edited("new", CHAT, len(parts) + 1) is None


@given(st.lists(st.integers(0, LONGEST_ANSWER), min_size=1, max_size=4), st.data())
def test_an_answer_is_cut_at_its_longest(lengths: list[int], data: st.DataObject) -> None:
    answer = made_of(["x" * length for length in lengths])
    assert len(answer.text) <= LONGEST_ANSWER
    assert Answer.stored(answer.text, answer.rows()) == answer
    at = data.draw(st.integers(1, len(answer.parts)))
    longer = answer.edited("y" * LONGEST_ANSWER, CHAT, at)
    assert longer is not None
    assert len(longer.text) <= LONGEST_ANSWER
    assert Answer.stored(longer.text, longer.rows()) == longer


def test_an_answer_from_before_parts_were_kept_is_added_to() -> None:
    old = Answer.stored("what was said", None)
    assert old.edited("other", CHAT, 1) is None
    more = old.added("and more", CHAT, 5)
    assert more.text == "what was said\nand more"
    assert more.edited("and less", CHAT, 5) == Answer.stored("what was said", None).added("and less", CHAT, 5)
    assert Answer.stored(None, None) == Answer()

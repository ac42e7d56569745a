"""A better version of an answer says nothing that its owner did not."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.interviews.grounding import grounded, honestly_quoted

ANSWER = (
    "In my last team a nightly load failed. I measured it with Python and added an index, with Priya. "
    "Failures fell from nine a month to none, and the load took 12 minutes, not 1,500 seconds."
)
RESUME = "Backend engineer at Kestrel Data, 2019-2023. PostgreSQL, Airflow. Led a team of 4."


@pytest.mark.parametrize(
    ("better", "is_now"),
    [
        # What was said, or stands in the resume, stays as it is.
        ("Failures fell from nine to none, and it took 12 minutes instead of 1500 seconds.", None),
        ("Failures fell from 9 a month. With Priya I led four people at Kestrel Data in 2021.", "year"),
        (
            "At Kestrel's I used Python, PostgreSQL and Airflow. The API was slow. I'd do it, as I’ve said.",
            None,
        ),
        ("1. I measured it.\n2. I added an index.\n3. It was fast. One or two of us looked on.", None),
        # What was not, is for them to fill in.
        ("It became 73% faster.", "It became [your figure] faster."),
        ("It saved $2,000 and 40 hours.", "It saved [your figure] and [your figure] hours."),
        ("It dropped from 900ms to 80ms.", "It dropped from [your figure] to [your figure]."),
        ("I convinced thirty-five engineers.", "I convinced [your figure] engineers."),
        ("I worked at Google with Maria Lopez.", "I worked at [name] with [name]."),
        ("I moved it to Kafka and Kubernetes.", "I moved it to [tool] and [tool]."),
        ("Kafka did it. We chose CloudMonger.", "[tool] did it. We chose [name]."),
        ("It took [number] minutes, [e.g. 40%] less, at [Employer].", None),
    ],
)
def test_figures_names_and_tools(better: str, is_now: str | None) -> None:
    found = grounded(better, [ANSWER, RESUME], "en", is_story=True)
    if is_now == "year":
        assert found.endswith("at Kestrel Data in [your figure].")
    else:
        assert found == (is_now or better)


def test_what_is_to_be_known_stays_and_is_marked_once() -> None:
    better = "A queue such as Kafka helps. Kafka keeps order; Python does not matter. It took 73 ms."
    found = grounded(better, [ANSWER], "en", is_story=False)
    assert found == (
        "A queue such as Kafka [if you used it] helps. Kafka keeps order; Python does not matter. "
        "It took [your figure] ms."
    )


@pytest.mark.parametrize(
    ("language", "better", "is_now"),
    [
        (
            "es",
            "En Google reduje los fallos un 40 % con Docker y tres personas.",
            "En [nombre] reduje los fallos un [tu cifra] con [herramienta] y [tu cifra] personas.",
        ),
        (
            "ru",
            "Я работал в Яндексе и сократил время на 40 %.",
            "Я работал в Яндексе и сократил время на [ваша цифра].",
        ),
        ("ru", "Я работал в Сбере.", "Я работал в [название]."),
        ("de", "Ich habe die Ladezeit um 40 % gesenkt.", "Ich habe die Ladezeit um [Ihre Zahl] gesenkt."),
        ("zh", "我把时间缩短了40%。", "我把时间缩短了[你的数字]。"),
        ("sv", "Det blev 40 % snabbare.", "Det blev [your figure] snabbare."),
    ],
)
def test_other_languages(language: str, better: str, is_now: str) -> None:
    assert grounded(better, ["Работал в Яндекс, fallos, ladezeit"], language, is_story=True) == is_now


@given(st.text(max_size=200), st.text(max_size=200), st.booleans())
@example("0ÀA", "", False)
def test_no_figure_is_left_that_was_not_given(better: str, answer: str, is_story: bool) -> None:
    found = grounded(better, [answer], "en", is_story=is_story)
    outside = re.sub(r"\[[^\]\n]*\]", "", found)
    for number in re.findall(r"(?<![\w.,/#])[0-9]+(?![\w.,])", re.sub(r"(?m)^\s*\d{1,2}[.)]\s", "", outside)):
        assert number.lstrip("0") in answer or int(number) == 0
    assert grounded(found, [answer], "en", is_story=is_story) == found


@given(st.text(max_size=300), st.booleans())
def test_their_own_words_are_never_touched(answer: str, is_story: bool) -> None:
    assert grounded(answer, [answer], "en", is_story=is_story) == answer


def test_only_what_was_said_is_quoted() -> None:
    told = 'You said "a nightly load FAILED", “I led ten people” and «added an index».'
    assert honestly_quoted(told, [ANSWER]) == (
        'You said "a nightly load FAILED", I led ten people and «added an index».'
    )

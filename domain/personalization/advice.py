"""What the interviewer adds to what the rules recommend: better words for reasons, and further topics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.personalization.facts import Facts
from domain.personalization.profile import (
    InterviewNext,
    Profile,
    QuestionNext,
    Recommended,
    RuledNext,
    TopicNext,
    Worded,
    by_rules,
)
from domain.personalization.rules import competencies
from domain.ports import Advice, Candidate, RecommendRequest


@dataclass(frozen=True)
class Advised:
    """A profile whose recommendations are by the rules, and the one it takes the place of."""

    profile: Profile
    before: Profile

    def kept(self, language: str) -> Profile | None:
        """The profile with the words of before, where the rules recommend what they did; None where there
        are none in this language, or they speak of something else."""
        content = self.before.recommended_content
        if by_rules(content) != self.profile.recommended_content or not is_worded(content, language):
            return None
        return self.profile.model_copy(update={"recommended_content": content})

    def with_words(self, advice: Advice, language: str) -> Profile:
        """The profile with what was added in this language."""
        content: list[Recommended] = [
            each.model_copy(update={"worded": _worded(advice.reasons.get(number), language)})
            for number, each in enumerate(by_rules(self.profile.recommended_content))
        ]
        content.extend(
            TopicNext(name=topic.name, because=topic.because, language=language) for topic in advice.topics
        )
        return self.profile.model_copy(update={"recommended_content": tuple(content)})


def request_for(profile: Profile, facts: Facts, candidate: Candidate) -> RecommendRequest:
    """What the interviewer is asked."""
    return RecommendRequest(
        candidate,
        tuple(_line(each) for each in by_rules(profile.recommended_content)),
        tuple(
            f"{name}: {standing.percent} percent over {standing.count} answers"
            for name, standing in competencies(facts).items()
        ),
    )


def _line(entry: RuledNext) -> str:
    """A recommendation as the interviewer reads it."""
    why = entry.reason
    given = [why.key.value.replace("_", " "), why.subject]
    given += [f"{why.score:g}"] if why.score else []
    reason = ", ".join(each for each in given if each)
    match entry:
        case InterviewNext(interview=kind, count=count):
            what = f"{kind.value} interview, {count} questions"
        case QuestionNext(question=question):
            what = f"answer once more: {question}"
        case _:
            what = f"read up on {entry.name}"
    return f"{what} (reason: {reason})"


def _worded(text: str | None, language: str) -> Worded | None:
    return Worded(language=language, text=text) if text else None


def is_worded(content: Iterable[Recommended], language: str) -> bool:
    """Whether the interviewer has had its say in this language."""
    return any(
        each.language == language
        if isinstance(each, TopicNext)
        else each.worded is not None and each.worded.language == language
        for each in content
    )

"""`GeminiInterviewer`: the interviewer's calls as prompts, and Gemini's replies as the domain's types."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime

from domain import prompts
from domain.adapters.gemini import planning
from domain.adapters.gemini.client import GeminiClient, Policy
from domain.adapters.gemini.prompting import Attachment, prompt
from domain.adapters.gemini.schemas import (
    DocumentKind,
    WireAdvice,
    WireAnalysis,
    WireCheck,
    WireEvaluation,
    WireJudgement,
    WirePlan,
    WireProbeReason,
    WireRead,
    WireReport,
    WireScan,
    WireTopic,
    WireTranscript,
)
from domain.adapters.gemini.text import clean, distinct, is_question, one_line
from domain.calls.breaker import BreakerStore
from domain.calls.ledger import Ledger
from domain.errors import Refused
from domain.interviews.bank import find_question
from domain.interviews.plan import Plan, PlannedQuestion, ProbeReason
from domain.interviews.rubric import Judgement, Verdict, normalised
from domain.ports import (
    Advice,
    Candidate,
    Evaluation,
    Objection,
    PastTurn,
    PlanRequest,
    RecommendRequest,
    Report,
    ReportRequest,
    Spoken,
    Topic,
    TurnRequest,
)
from domain.resumes.analysis import Contact, Education, Experience, ExtractedText, ResumeAnalysis, ResumeFacts
from domain.resumes.evidence import evidence

MAX_TOPICS = 3
MAX_VOICE_BYTES = 10 * 2**20

log = logging.getLogger(__name__)


class GeminiInterviewer:
    """An `Interviewer` (domain.ports) that asks Gemini.

    Exceptions never carry the key or anybody's words. `thinking_level` is "minimal", "low", "medium",
    "high" or None, the model's own choice; another raises `ValueError`. A `policy` replaces `concurrency`.
    Without a `ledger` nobody counts the calls; without `breakers` each process learns by itself.
    """

    is_offline = False

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str | None = None,
        *,
        fallback_model: str | None = None,
        thinking_level: str | None = None,
        concurrency: int = 64,
        policy: Policy | None = None,
        ledger: Ledger | None = None,
        breakers: BreakerStore | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._client = GeminiClient(
            api_key,
            model,
            base_url,
            fallback_model=fallback_model,
            thinking_level=thinking_level,
            policy=policy or Policy(concurrency=concurrency),
            ledger=ledger,
            breakers=breakers,
            clock=clock,
            now=now,
            sleep=sleep,
            chance=chance,
        )

    async def close(self) -> None:
        await self._client.close()

    async def check(self) -> None:
        """One tiny call: raises as every call does if key, model or service are not as they should be."""
        await self._client.ask(prompt("check", "en", {}), WireCheck)

    async def analyse_resume(
        self, document: ExtractedText, language: str, facts: ResumeFacts
    ) -> ResumeAnalysis:
        material = {"resume": document.text, "links": "\n".join(document.links)}
        pictures = _pictures(document)
        manner = prompts.load("scan" if pictures else "no_scan").template
        asked = prompt("analyse_resume", language, material, pictures, reading=manner)
        found = (await self._client.ask(asked, WireScan if pictures else WireAnalysis)).reply
        if found.document is DocumentKind.OTHER:
            return ResumeAnalysis(is_resume=False, confidence=_bounded(found.confidence), method="gemini")
        return _analysis(found, found.page_text if isinstance(found, WireScan) else "")

    async def read_pages(self, document: ExtractedText, language: str) -> str:
        reading = prompts.load("scan").template
        asked = prompt("read_pages", language, {}, _pictures(document), reading=reading)
        return (await self._client.ask(asked, WireRead)).reply.page_text

    async def plan(self, request: PlanRequest) -> Plan:
        """At most `count` questions; fewer, even none, where the model gave no more that can be asked."""
        candidate = request.candidate
        material = {
            "target_role": candidate.target_role,
            "background": _background(candidate),
            "resume": candidate.resume_text,
            "job_description": request.job_description,
            "asked_before": "\n".join(one_line(text, 200) for text in reversed(request.asked_before)),
        }
        ladder = prompts.load("one_difficulty" if request.difficulty else "ladder")
        asked = prompt(
            "plan",
            candidate.language,
            material,
            count=request.count,
            spare=planning.spare(request),
            interview_kind=request.kind.value,
            ladder=ladder.substitute(difficulty=request.difficulty or ""),
        )
        return planning.plan((await self._client.ask(asked, WirePlan)).reply, request)

    async def evaluate_turn(self, request: TurnRequest) -> Evaluation:
        """One judgement per key point, in their order, not yet checked against the answer."""
        candidate, question, following = request.candidate, request.question, request.next_question
        material = {
            "target_role": candidate.target_role,
            "background": _background(candidate),
            "resume": _resume(candidate),
            "earlier_turns": "\n\n".join(_turn(turn, 2_000) for turn in request.recent[-2:]),
            "question": _rubric(question),
            "anchors": _anchors(question),
            "answer": clean(request.answer, 8_000) or "(no words)",
            "next_question": f"Question: {one_line(following.text, 500)}" if following else "",
            **_objection(request.objection),
        }
        probing = prompts.load("probe" if request.may_probe else "no_probe").template
        second_look = prompts.load("reconsider").template if request.objection else ""
        asked = prompt(
            "evaluate_turn", candidate.language, material, probing=probing, second_look=second_look
        )
        answered = await self._client.ask(asked, WireEvaluation)
        found = answered.reply
        return Evaluation(
            judgements=_judgements(found.judgements, len(question.key_points)),
            feedback=found.feedback,
            model_answer=found.model_answer,
            star=(found.situation, found.task, found.action, found.result),
            probe_reason=_reason(found.probe_reason),
            probe=_asked(found.probe, question) if request.may_probe else "",
            next_question=_asked(found.next_question, question) if following else "",
            evaluated_by=answered.model,
            prompt_version=answered.prompt_version,
        )

    async def report(self, request: ReportRequest) -> Report:
        candidate = request.candidate
        room = min(2_500, 60_000 // max(1, len(request.turns)) - 150)
        turns = [_turn(turn, max(room, 100)) for turn in request.turns]
        material = {
            "target_role": candidate.target_role,
            "background": _background(candidate),
            "turns": "\n\n".join(turns),
        }
        asked = prompt("report", candidate.language, material, interview_kind=request.kind.value)
        found = (await self._client.ask(asked, WireReport)).reply
        return Report(summary=found.summary, practise=tuple(distinct(found.practise, 5)))

    async def recommend(self, request: RecommendRequest) -> Advice:
        """Reasons for lines that there are, each with words; at most three topics, each once."""
        candidate = request.candidate
        lines = (f"{number}. {one_line(line, 500)}" for number, line in enumerate(request.recommendations))
        material = {
            "target_role": candidate.target_role,
            "background": _background(candidate),
            "recommendations": "\n".join(lines),
            "results": "\n".join(one_line(line, 200) for line in request.results),
        }
        found = (await self._client.ask(prompt("recommend", candidate.language, material), WireAdvice)).reply
        return Advice(
            reasons={
                each.number: each.because
                for each in found.reasons
                if 0 <= each.number < len(request.recommendations) and _says_something(each.because)
            },
            topics=tuple(_topics(found.topics)),
        )

    async def transcribe(self, voice: bytes, mime_type: str, language: str) -> Spoken:
        """The words of a recording. Raises `Refused` ("voice.unintelligible", "gemini.too_long") too."""
        if len(voice) > MAX_VOICE_BYTES:
            raise Refused("gemini.too_long")
        if not voice:
            raise Refused("voice.unintelligible")
        asked = prompt("transcribe", language, {}, (Attachment(voice, mime_type),))
        found = (await self._client.ask(asked, WireTranscript)).reply
        if not any(character.isalnum() for character in found.transcript):
            raise Refused("voice.unintelligible")
        return Spoken(found.transcript, found.hesitations)


def _pictures(document: ExtractedText) -> tuple[Attachment, ...]:
    return tuple(Attachment(each.content, each.mime_type) for each in document.pictures)


def _objection(objection: Objection | None) -> dict[str, str]:
    if objection is None:
        return {}
    verdicts = "\n".join(f"{index}. {verdict.value}" for index, verdict in enumerate(objection.verdicts))
    return {"verdicts": verdicts, "objection": objection.argument}


def _reason(found: WireProbeReason) -> ProbeReason | None:
    return None if found is WireProbeReason.NONE else ProbeReason(found.value)


def _says_something(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _topics(found: Iterable[WireTopic]) -> list[Topic]:
    by_meaning = {
        normalised(each.name): Topic(each.name, each.because)
        for each in found
        if _says_something(each.name) and _says_something(each.because)
    }
    return list(by_meaning.values())[:MAX_TOPICS]


def _background(candidate: Candidate) -> str:
    told = {key: value for key, value in candidate.background.items() if value}
    return json.dumps(told, ensure_ascii=False, default=str) if told else ""


def _resume(candidate: Candidate) -> str:
    """What the analysis found, and after it as much of the text as there is room for."""
    found = evidence(candidate.resume) if candidate.resume else ""
    return "\n\n".join(filter(None, (found, candidate.resume_text)))


def _rubric(question: PlannedQuestion) -> str:
    points = [f"{index}. {one_line(point.text, 300)}" for index, point in enumerate(question.key_points)]
    head = f"Question: {one_line(question.text, 600)}\nCompetency: {one_line(question.competency, 80)}"
    return "\n".join([head, f"Difficulty: {question.difficulty.value}", "Key points:", *points])


def _anchors(question: PlannedQuestion) -> str:
    """What answers to a question of the bank sound like, from the poorest to the best; "" of any other."""
    known = find_question(question.text)
    return "\n".join(known.anchors) if known else ""


def _turn(turn: PastTurn, room: int) -> str:
    """An earlier turn in about `room` characters, three fifths of them for the answer."""
    score = "none" if turn.score is None else f"{turn.score:.1f} of 10"
    lines = (
        f"Question: {one_line(turn.question, room // 5)}",
        f"Competency: {one_line(turn.competency, 80)}",
        f"Answer: {clean(turn.answer, room * 3 // 5)}",
        f"Score: {score}",
        f"Feedback: {clean(turn.feedback, room // 5)}",
    )
    return "\n".join(lines)


def _judgements(found: Sequence[WireJudgement], key_points: int) -> tuple[Judgement, ...]:
    """One for each key point: the first given for it, or `missing`."""
    first = {judgement.key_point: judgement for judgement in reversed(found)}
    return tuple(
        Judgement(key_point=index, quote=first[index].quote, verdict=first[index].verdict)
        if index in first
        else Judgement(key_point=index, verdict=Verdict.MISSING)
        for index in range(key_points)
    )


def _asked(text: str, question: PlannedQuestion) -> str:
    """A question by the model, or "" where it is none or only the last one again."""
    return text if is_question(text) and normalised(text) != normalised(question.text) else ""


def _analysis(found: WireAnalysis, transcript: str) -> ResumeAnalysis:
    years = found.years_of_experience
    return ResumeAnalysis(
        contact=Contact(
            **found.contact.model_dump(exclude={"links"}), links=distinct(found.contact.links, 10)
        ),
        inferred_role=found.inferred_role,
        years_of_experience=min(years, 60) if years >= 0 else None,
        skills=distinct(found.skills, 40),
        experience=[Experience(**e.model_dump()) for e in found.experience if e.title or e.employer][:12],
        education=[Education(**e.model_dump()) for e in found.education if e.degree or e.school][:6],
        languages=distinct(found.languages, 12),
        strengths=distinct(found.strengths, 5),
        gaps=distinct(found.gaps, 5),
        confidence=_bounded(found.confidence),
        method="gemini",
        transcript=transcript,
    )


def _bounded(confidence: float) -> float:
    return min(1.0, max(0.0, confidence))

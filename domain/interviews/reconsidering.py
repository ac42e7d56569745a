"""The job of an objection, done: an answer judged once more, in the light of what the candidate said."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from domain.errors import Refused, Unavailable
from domain.interviews.jobs import ReconsiderTurn, TurnReconsidered
from domain.interviews.models import InterviewQuestion
from domain.interviews.refining import refined
from domain.interviews.rubric import Verdict
from domain.interviews.work import keep, turn_request
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.ports import Objection
from domain.services import Domain, reading
from domain.world import World


@performs(ReconsiderTurn)
async def reconsider_turn(job: ReconsiderTurn, world: World, chat_id: int) -> Finish | None:
    async with reading(world, chat_id, job.user_id) as domain:
        turn = await domain.interviews.turn(job.question_id)
        if not _waits(turn):
            return None
        verdicts = tuple(Verdict(verdict) for verdict in turn.verdicts or ())
        request = replace(
            await turn_request(turn, domain),
            may_probe=False,
            next_question=None,
            objection=Objection(turn.objection or "", verdicts),
        )
        said = await domain.second_looks.said_on(turn)
    try:
        evaluation = await world.interviewer.evaluate_turn(request)
    except Refused:
        return _declined(job)
    if evaluation.provisional:
        raise Unavailable("gemini.key")  # a keyword check is no second judgement
    evaluation = await asyncio.to_thread(refined, evaluation, request, said)

    async def finish(domain: Domain) -> Happening | None:
        turn = await domain.interviews.turn(job.question_id)
        if not _waits(turn):
            return None
        turn.verdicts_before = turn.verdicts
        keep(turn, evaluation)
        await domain.interviews.rescore(turn.session_id)
        return TurnReconsidered(job.question_id)

    return finish


def _waits(turn: InterviewQuestion) -> bool:
    return turn.objection is not None and turn.verdicts_before is None


def _declined(job: ReconsiderTurn) -> Finish:
    async def finish(domain: Domain) -> Happening:
        return TurnReconsidered(job.question_id, declined=True)

    return finish

"""What only the operator sees: what the calls of the AI come to, and which model is left alone."""

from __future__ import annotations

from bot.step import Command, Line, Step, say, t
from domain.calls.breaker import State
from domain.calls.service import Spent
from domain.services import Domain

COMMAND = "/admin"


async def admin(command: Command, step: Step, domain: Domain) -> Step:
    """/admin: calls, tokens and cost of today and of this month; for others there is no such command."""
    if not domain.is_operator:
        return step.saying(t("unknown_command", command=COMMAND)).quietly()
    models = [_model(*each) for each in await domain.calls.breakers()]
    if domain.is_offline:
        models = [t("admin.offline")]
    card = t(
        "admin.card",
        today=_spent(await domain.calls.today()),
        month=_spent(await domain.calls.this_month()),
        models=models or [t("admin.models_fine")],
        as_of=domain.calls.prices_as_of.isoformat(),
    )
    return step.saying(say(card)).quietly()


def _spent(spent: Spent) -> Line:
    figures: dict[str, int | str] = {
        "calls": spent.calls,
        "failed": spent.failed,
        "tokens_in": spent.tokens_in,
        "tokens_out": spent.tokens_out,
        "cost": f"{spent.cost_usd:.2f}",
    }
    if spent.unpriced:
        return t("admin.spent_unpriced", unpriced=spent.unpriced, **figures)
    return t("admin.spent", **figures)


def _model(model: str, state: State, is_left_alone: bool) -> Line:
    if state.open_until is None:
        if not state.failures:
            return t("admin.model_fine", model=model)
        return t("admin.model_shaky", model=model, failures=state.failures, reason=state.reason)
    if is_left_alone:
        until = f"{state.open_until:%H:%M:%S}"
        return t("admin.model_left", model=model, until=until, reason=state.reason)
    return t("admin.model_probed", model=model, reason=state.reason)

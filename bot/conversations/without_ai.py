"""What is told where the AI took no part: why, and how it goes on."""

from __future__ import annotations

from bot.step import Line, t

DECLINED = ("gemini.blocked", "gemini.too_long", "gemini.swayed")


def told(why: str, then: str) -> tuple[Line, ...]:
    """One paragraph where there is a reason `why`; `then` names what becomes of it without the AI."""
    return (t("without_ai", why=t(f"why.{why}"), then=t(f"then.{then}")),) if why else ()

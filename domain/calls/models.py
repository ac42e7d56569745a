"""Every call of a model, and the state of each model's circuit breaker. Never a word of what was said."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Float, ForeignKey, Identity, Index, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.orm import Base, Timestamps


class ModelCall(Timestamps, Base):
    """One request to a model. `outcome` is "ok", "cut", "malformed" or the reason it failed for.

    `user_id` is null for the installation's own calls and for people who were erased since. Tokens are
    null where no answer told them, `cost_usd` also where nobody knows the model's price.
    """

    __tablename__ = "model_calls"
    __table_args__ = (Index(None, "created_at"), Index(None, "user_id", "created_at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(String(80))
    prompt_version: Mapped[str] = mapped_column(String(12))
    tokens_in: Mapped[int | None] = mapped_column(Integer)
    tokens_out: Mapped[int | None] = mapped_column(Integer)
    latency_ms: Mapped[int] = mapped_column(Integer)
    cost_usd: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    outcome: Mapped[str] = mapped_column(String(40))


class ModelBreaker(Timestamps, Base):
    """A model's circuit breaker as all programs share it; `domain.calls.breaker` says what it means."""

    __tablename__ = "model_breakers"

    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    reason: Mapped[str] = mapped_column(String(40), default="", server_default="")
    open_until: Mapped[datetime | None]
    pause: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")
    probe: Mapped[str] = mapped_column(String(32), default="", server_default="")
    probe_until: Mapped[datetime | None]

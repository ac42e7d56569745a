"""Benchmarks: each figure beside its floor, measured in the same run, so that the ratio holds on any machine.

A module here has `async def measure(dsn: str) -> list[Figure]`, given the address of a migrated database
of its own on an embedded PostgreSQL with its ordinary settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Figure:
    """What was measured, and what stands beside it: the least, or the most, that is possible at all."""

    name: str
    ours: float
    floor: float
    unit: str
    beside: str

    @property
    def ratio(self) -> float:
        return self.ours / self.floor if self.floor else inf

    def __str__(self) -> str:
        ours, floor = f"{self.ours:,.1f} {self.unit}", f"{self.floor:,.1f} {self.unit}"
        return f"{self.name:<46} {ours:>18}   {floor:>18}   {self.ratio:6.2f} ×   {self.beside}"

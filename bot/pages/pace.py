"""How often one address may ask for pages: a light brake, since nobody guesses 256 random bits."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

BURST = 30.0
PER_SECOND = 0.5
MOST_ADDRESSES = 4096
NETWORK_BITS = 64  # what one household has of IPv6

Address = IPv4Address | IPv6Address


def address_of(host: str | None) -> Address | None:
    """An IP address as it came with a request, behind a proxy too; None for what is none."""
    try:
        found = ip_address((host or "").partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


class Visitors:
    """A bucket for each address, the least recently seen ones forgotten."""

    def __init__(
        self,
        burst: float = BURST,
        per_second: float = PER_SECOND,
        most: int = MOST_ADDRESSES,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst, self._per_second, self._most, self._now = burst, per_second, most, now
        self._left: OrderedDict[int | None, tuple[float, float]] = OrderedDict()

    def may_ask(self, address: Address | None) -> bool:
        """Count a request."""
        network, now = _network(address), self._now()
        left, seen_at = self._left.pop(network, (self._burst, now))
        left = min(self._burst, left + (now - seen_at) * self._per_second)
        self._left[network] = (max(0.0, left - 1.0), now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return left >= 1.0


def _network(address: Address | None) -> int | None:
    if isinstance(address, IPv6Address):
        return int(address) >> NETWORK_BITS | 1 << 128  # apart from every IPv4
    return None if address is None else int(address)

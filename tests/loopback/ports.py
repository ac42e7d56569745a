"""Ports of loopback that stay a test's own while nobody listens there yet, or nobody does any more."""

from __future__ import annotations

import socket
import sys

_held: list[socket.socket] = []


def free_port() -> int:
    """A port where nobody listens, and which the system gives to nobody else while this process lives.

    Linux lets a server listen where another socket is bound that does not; elsewhere the port is let go.
    """
    holding = socket.socket()
    holding.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holding.bind(("127.0.0.1", 0))
    port = int(holding.getsockname()[1])
    if sys.platform == "linux":
        _held.append(holding)
    else:
        holding.close()
    return port

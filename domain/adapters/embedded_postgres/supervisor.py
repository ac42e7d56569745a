"""The thread that keeps a home's PostgreSQL running: as its owner, or in wait of becoming it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path

from domain.adapters.embedded_postgres.binaries import find_binaries
from domain.adapters.embedded_postgres.cluster import Cluster, exclusive_lock
from domain.adapters.embedded_postgres.errors import EmbeddedPostgresError

logger = logging.getLogger(__name__)

START_LOOKS = 0.005  # seconds between looks while a server starts
OWNER_LOOKS = 0.1  # seconds between looks at the running server
HEIR_LOOKS = 0.2  # seconds between tries to become the owner
OTHERS_MAY_TAKE = 60.0  # seconds for another owner's server to become ready
LONGEST_PAUSE = 10.0  # seconds between tries to run a server that does not run


class Supervisor(threading.Thread):
    """Whoever gets the lock owns the server and keeps it running; the others connect, and inherit."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        # A daemon: a program that ends without stopping takes postgres along, as if it were killed.
        super().__init__(name="embedded-postgres", daemon=True)
        self.ready: Future[str] = Future()
        self.ready.set_running_or_notify_cancel()
        self._home = home
        self._settings = settings
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask the thread to stop the server, if it owns it, and to end."""
        self._stopping.set()

    def run(self) -> None:
        try:
            self._serve(self._prepare())
        except OSError as error:
            self._fail(
                EmbeddedPostgresError(f"cannot use {error.filename or self._home}: {error.strerror or error}")
            )
        except Exception as error:
            self._fail(error)
        else:
            self._fail(EmbeddedPostgresError("stopped before PostgreSQL was ready"))

    def _prepare(self) -> Cluster:
        binaries = find_binaries()
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = self._home / "postgres"
        folder.mkdir(mode=0o700, exist_ok=True)
        return Cluster(folder, binaries, self._settings)

    def _serve(self, cluster: Cluster) -> None:
        give_up = time.monotonic() + OTHERS_MAY_TAKE
        pause = 0.0
        while not self._stopping.wait(pause):
            began = time.monotonic()
            try:
                with exclusive_lock(cluster.owner_lock) as owned:
                    if owned is not None:
                        self._own(cluster)
                    else:
                        self._share(cluster, give_up)
                        pause = HEIR_LOOKS if self.ready.done() else START_LOOKS
            except (EmbeddedPostgresError, OSError) as error:
                if not self.ready.done() or self._stopping.is_set():
                    raise
                ran_well = time.monotonic() - began > LONGEST_PAUSE
                pause = 0.0 if ran_well else min(pause * 2 + 0.1, LONGEST_PAUSE)
                logger.warning("the embedded PostgreSQL ended, next try in %.1f s: %s", pause, error)

    def _share(self, cluster: Cluster, give_up: float) -> None:
        if self.ready.done():
            return
        if cluster.is_ready():
            self.ready.set_result(cluster.url())
        elif time.monotonic() > give_up:
            raise EmbeddedPostgresError(
                f"another Greenroom uses {self._home}, and its PostgreSQL does not answer: stop that one"
            )

    def _own(self, cluster: Cluster) -> None:
        """Run the server until this program stops; raises where it ends before."""
        # Only at first: data that vanishes later is not quietly replaced by an empty database.
        if not cluster.exists and not self.ready.done():
            cluster.create()
        server = cluster.launch(self._stopping.is_set)
        try:
            while not self._stopping.wait(OWNER_LOOKS if self.ready.done() else START_LOOKS):
                if not server.is_running:
                    raise EmbeddedPostgresError(f"PostgreSQL ended: {server.last_words}")
                if not self.ready.done() and server.is_ready:
                    self.ready.set_result(cluster.url())
        finally:
            server.stop()

    def _fail(self, error: Exception) -> None:
        if not self.ready.done():
            self.ready.set_exception(error)
        elif not self._stopping.is_set():
            logger.error("the embedded PostgreSQL is no longer supervised", exc_info=error)

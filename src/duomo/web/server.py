"""The listening: one process that answers, or several over one socket, watched and ended together."""

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread, current_thread, main_thread
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from duomo.errors import BadSetup, DuomoError
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.web.app import create_app
from duomo.web.heads import MOST_HEAD

log = logging.getLogger(__name__)

GRACE_S: Final = 5  # for requests that are being answered when the server is told to stop
_KILLED_AFTER_S: Final = GRACE_S + 5
_AGAIN_AFTER_S: Final = 1.0  # before a worker that died is replaced, so that no trouble makes a storm of them
# Where prometheus_client looks, when it is imported, for the folder that processes count in together.
_COUNTED_IN: Final = "PROMETHEUS_MULTIPROC_DIR"


def serve(
    shop: Shop,
    *,
    host: str = "",
    port: int | None = None,
    workers: int = 1,
    listening: Callable[[str], None] | None = None,
) -> None:
    """Answer until the process is told to stop; requests that have begun are answered first.

    Args:
        shop: the shop to serve.
        host: the address to listen on; "": as the shop's settings say.
        port: 0: any free one; None: as the shop's settings say.
        workers: processes that answer. Several are started anew by `spawn`, each opens the shop's folder for
            itself and takes the memory of one, and a script that calls this needs the usual
            `if __name__ == "__main__":`. They take requests when they have all read the shop.
        listening: called once with the address to open, as soon as requests are taken.

    Raises:
        BadSetup: the address cannot be listened on, or a worker ended before it could answer.
        DuomoError: a worker could not open the shop.
        ValueError: workers is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    host = host or shop.settings.host
    listener = _listener(host, shop.settings.port if port is None else port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"

    def told() -> None:
        if listening:
            listening(address)

    with listener, suppress(KeyboardInterrupt):
        if workers > 1:
            _Crew(shop.folder, shop.settings, listener, workers).run(told)
            return
        app = create_app(shop)
        told()
        # Beside the server, so that the page opens at once; /readyz waits for it.
        Thread(target=app.state.versions.try_to_be_ready, name="duomo-warm").start()
        Thread(target=app.state.versions.follow, name="duomo-follow", daemon=True).start()
        uvicorn.Server(_config(app, shop.settings)).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        remedy = "Stop what listens there, or choose another with --port"
        raise BadSetup(f"cannot listen on {host} port {port} ({error})", remedy=remedy) from error
    # asyncio does this only for sockets it made; without it answers on a kept connection wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level=settings.log_level.lower(),
        server_header=False,
        http="h11",  # bounds the head of a request; the other one does not
        ws="none",
        h11_max_incomplete_event_size=MOST_HEAD,
        lifespan="off",
        timeout_graceful_shutdown=GRACE_S,
    )


class _Crew:
    """The processes that serve one shop together."""

    def __init__(self, folder: Path, settings: Settings, listener: socket.socket, size: int) -> None:
        self._folder, self._settings, self._listener = folder, settings, listener
        self._size = size
        self._stopping = Event()

    def run(self, told: Callable[[], None]) -> None:
        """Start them, call `told` when all can answer, replace those that die; end them when told to stop."""
        crew: list[SpawnProcess] = []
        with (
            TemporaryDirectory(prefix="duomo-counts-") as counts,
            self._ended(crew),
            self._stopped_by_signal(),
        ):
            started = [self._start(counts) for _ in range(self._size)]
            crew += [process for process, _ in started]
            for _, told_by in started:
                self._await(told_by)
            if not self._stopping.is_set():
                told()
            while not self._stopping.is_set():
                connection.wait([process.sentinel for process in crew], timeout=0.5)
                for place, process in enumerate(crew):
                    if not process.is_alive() and not self._stopping.wait(_AGAIN_AFTER_S):
                        log.error(
                            "worker %s ended with %s; another takes its place", process.pid, process.exitcode
                        )
                        crew[place] = self._start(counts)[0]

    def _start(self, counts: str) -> tuple[SpawnProcess, Connection]:
        """A worker, and what it says on when it can answer."""
        context = get_context("spawn")
        hears, says = context.Pipe(duplex=False)
        process = context.Process(
            target=_work,
            args=(self._folder, self._settings, self._listener, counts, says),
            name="duomo-worker",
        )
        before = os.environ.get(_COUNTED_IN)
        os.environ[_COUNTED_IN] = counts  # handed down when the process is started, and only then
        try:
            process.start()
        finally:
            os.environ.pop(_COUNTED_IN)
            if before is not None:
                os.environ[_COUNTED_IN] = before
        says.close()
        return process, hears

    def _await(self, told_by: Connection) -> None:
        """Wait until a worker can answer; raises what kept it from it."""
        while not self._stopping.is_set():
            if not told_by.poll(0.2):
                continue
            try:
                trouble: DuomoError | None = told_by.recv()
            except EOFError as error:
                remedy = "Look into the log; fewer workers need less memory"
                raise BadSetup("a worker ended before it could answer", remedy=remedy) from error
            if trouble:
                raise trouble
            return

    @contextmanager
    def _stopped_by_signal(self) -> Iterator[None]:
        """While this lasts, SIGTERM and SIGINT end the crew in peace."""
        if current_thread() is not main_thread():  # where signals cannot be heard
            yield
            return

        def stop(number: int, frame: FrameType | None) -> None:
            self._stopping.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def _ended(self, crew: list[SpawnProcess]) -> Iterator[None]:
        """Afterwards all have ended: told to, and after their grace made to."""
        try:
            yield
        finally:
            for process in crew:
                process.terminate()
            for process in crew:
                process.join(_KILLED_AFTER_S)
                if process.is_alive():
                    process.kill()
                    process.join()


def _work(folder: Path, settings: Settings, listener: socket.socket, counts: str, says: Connection) -> None:
    """One worker: reads the shop, says that it can answer, and answers until it or its parent ends."""
    with listener, suppress(KeyboardInterrupt):
        try:
            app = create_app(Shop.open(folder, settings=settings), counts=Path(counts))
            app.state.versions.ready()
        except DuomoError as error:
            says.send(error)
            return
        says.send(None)
        says.close()
        server = uvicorn.Server(_config(app, settings))

        def end_with_parent() -> None:
            if parent := parent_process():
                parent.join()
                server.should_exit = True  # nobody is left to end it

        Thread(target=end_with_parent, daemon=True).start()
        Thread(target=app.state.versions.follow, name="duomo-follow", daemon=True).start()
        server.run(sockets=[listener])

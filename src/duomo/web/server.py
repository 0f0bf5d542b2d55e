"""The listening: one process that answers, or several over one socket, watched and ended together."""

import logging
import math
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import active_children, connection, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread, Timer, current_thread, main_thread
from time import monotonic, sleep
from types import FrameType
from typing import Final, NoReturn

import uvicorn
from fastapi import FastAPI
from prometheus_client.multiprocess import mark_process_dead

from duomo import logs
from duomo.errors import BadSetup, DuomoError
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.web.app import create_app
from duomo.web.heads import MOST_HEAD

log = logging.getLogger(__name__)

_LATER_S: Final = 1.0  # beside stop_s, for what is cut off to be told so
_AGAIN_AFTER_S: Final = 1.0  # before a worker that died is replaced, so that no trouble makes a storm of them
# A thread that computes keeps Python for so long before another has it. A search asks for it back dozens of
# times, after each call of numpy: with the usual 5 ms it would wait half a second beside a change or a load.
_SWITCH_S: Final = 0.0005
# Where prometheus_client looks, when it is imported, for the folder that processes count in together.
_COUNTED_IN: Final = "PROMETHEUS_MULTIPROC_DIR"
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def serve(
    shop: Shop,
    *,
    host: str = "",
    port: int | None = None,
    workers: int = 1,
    listening: Callable[[str], None] | None = None,
) -> None:
    """Answer until SIGTERM or SIGINT tells the process to stop; requests that have begun are answered first.

    They have the setting `stop_s` for it; what is not finished then is cut off, and a build that is cut off
    is taken back by the next one. A second signal ends the process at once.

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
        DuomoError: a worker could not open the shop, or no build of it has ended. One that is damaged is
            served, with 503 and the reason as its answers until it is mended.
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
            _log_as(shop.settings, 0)
            _Crew(shop.folder, shop.settings, listener, workers).run(told)
            return
        _log_as(shop.settings, 1)
        app = create_app(shop)
        server = _Server(_config(app, shop.settings))
        with _stopped_by_signal(server.stop, _end_at_once):
            told()
            # Beside the server, so that the page opens at once; /readyz waits for it.
            Thread(target=app.state.versions.try_to_be_ready, name="duomo-warm", daemon=True).start()
            Thread(target=app.state.versions.follow, name="duomo-follow", daemon=True).start()
            Thread(target=app.state.tender.run, name="duomo-tend", daemon=True).start()
            server.run(sockets=[listener])


def serve_app(
    app: FastAPI, settings: Settings, *, host: str, port: int, listening: Callable[[str], None]
) -> None:
    """Answer by an app alone, in this process, as `serve` does; raises BadSetup."""
    listener = _listener(host, port)
    shown = f"[{host}]" if ":" in host else host
    server = _Server(_config(app, settings))
    with listener, suppress(KeyboardInterrupt), _stopped_by_signal(server.stop, _end_at_once):
        listening(f"http://{shown}:{listener.getsockname()[1]}")
        server.run(sockets=[listener])


def _log_as(settings: Settings, worker: int) -> None:
    logs.set_up(level=settings.log_level, format=settings.log_format, secrets=settings.secrets, worker=worker)


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
        log_config=None,  # its lines go where ours go, and who asked for what is told by web.requests
        access_log=False,
        server_header=False,
        http="h11",  # bounds the head of a request; the other one does not
        ws="none",
        h11_max_incomplete_event_size=MOST_HEAD,
        lifespan="off",
        timeout_graceful_shutdown=math.ceil(settings.stop_s),
    )


class _Server(uvicorn.Server):
    """uvicorn's, which is told to stop and does not look for signals itself."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._grace_s = config.timeout_graceful_shutdown or 0
        self._ended = False

    def stop(self) -> None:
        """Take no more connections, finish what was begun; after stop_s the process ends as it is.

        A handler of signals may call this wherever the process is: it takes no lock, and writes no log.
        """
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what was begun."""
        log.info("stopping: what was begun has %d s to be finished", self._grace_s)
        late = Timer(self._grace_s + _LATER_S, self._cut_off)
        late.daemon = True
        late.start()
        await super().shutdown(sockets)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer until told to stop."""
        sys.setswitchinterval(_SWITCH_S)
        super().run(sockets)
        self._ended = True

    def _cut_off(self) -> None:
        """End although threads are still at work: a build that stocks what was put, say."""
        if not self._ended:
            log.warning("stopped with work cut off; a build that was cut off is taken back by the next one")
            _end_at_once(0)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `_stopped_by_signal`."""
        yield


def _end_at_once(code: int) -> NoReturn:
    """End this process and those that it started, with whatever they are at."""
    for child in active_children():
        child.kill()
    os._exit(code)


@contextmanager
def _stopped_by_signal(stop: Callable[[], None], end_at_once: Callable[[int], object]) -> Iterator[None]:
    """While this lasts, the first SIGTERM or SIGINT calls stop, and the second ends the process at once."""
    if current_thread() is not main_thread():  # where signals cannot be heard
        yield
        return
    told = False

    def heard(number: int, frame: FrameType | None) -> None:
        nonlocal told
        if told:
            end_at_once(128 + number)
        told = True
        stop()

    before = {number: signal.signal(number, heard) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Crew:
    """The processes that serve one shop together."""

    def __init__(self, folder: Path, settings: Settings, listener: socket.socket, size: int) -> None:
        self._folder, self._settings, self._listener = folder, settings, listener
        self._size = size
        self._is_stopping = False  # no Event: a handler of signals sets it, and must wait for no lock
        self._counts = Path(mkdtemp(prefix="duomo-counts-"))
        self._crew: dict[int, SpawnProcess] = {}  # by their numbers, from 1

    def run(self, told: Callable[[], None]) -> None:
        """Start them, call `told` when all can answer, replace those that die; end them when told to stop."""
        with _stopped_by_signal(self._stop, self._end_at_once), self._ended():
            for told_by in [self._start(number) for number in range(1, self._size + 1)]:
                self._await(told_by)
            if not self._is_stopping:
                told()
            while not self._is_stopping:
                connection.wait([process.sentinel for process in self._crew.values()], timeout=0.5)
                for number, process in list(self._crew.items()):
                    if not process.is_alive() and not self._is_stopping:
                        sleep(_AGAIN_AFTER_S)
                        log.error(
                            "worker %d ended with %s; another takes its place", number, process.exitcode
                        )
                        mark_process_dead(process.pid, str(self._counts))  # type: ignore[no-untyped-call]  # it has no types
                        self._start(number)

    def _start(self, number: int) -> Connection:
        """Start the worker of a number; gives what it says on when it can answer."""
        context = get_context("spawn")
        hears, says = context.Pipe(duplex=False)
        process = context.Process(
            target=_work,
            args=(self._folder, self._settings, self._listener, self._counts, number, says),
            name=f"duomo-worker-{number}",
        )
        before = os.environ.get(_COUNTED_IN)
        os.environ[_COUNTED_IN] = str(self._counts)  # handed down when the process is started, and only then
        try:
            process.start()
        finally:
            os.environ.pop(_COUNTED_IN)
            if before is not None:
                os.environ[_COUNTED_IN] = before
        self._crew[number] = process
        says.close()
        return hears

    def _await(self, told_by: Connection) -> None:
        """Wait until a worker can answer; raises what kept it from it."""
        while not self._is_stopping:
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
    def _ended(self) -> Iterator[None]:
        """Afterwards all have ended: told to, and when their time is over made to."""
        try:
            yield
        finally:
            self._listener.close()  # or who comes now would wait in its queue, and for nobody
            for process in self._crew.values():
                process.terminate()
            until = monotonic() + math.ceil(self._settings.stop_s) + 2 * _LATER_S  # of all, not of each
            for process in self._crew.values():
                process.join(max(0.0, until - monotonic()))
                if process.is_alive():
                    process.kill()
                    process.join()
            shutil.rmtree(self._counts, ignore_errors=True)

    def _stop(self) -> None:
        self._is_stopping = True

    def _end_at_once(self, code: int) -> NoReturn:
        shutil.rmtree(self._counts, ignore_errors=True)
        _end_at_once(code)


def _work(
    folder: Path, settings: Settings, listener: socket.socket, counts: Path, number: int, says: Connection
) -> None:
    """One worker: reads the shop, says that it can answer, and answers until it or its parent ends."""
    _log_as(settings, number)
    # A Control-C goes to the workers, too, and a manager of services may send SIGTERM to all: told twice or
    # more, they still finish what they have begun. Who must end at once is killed by the parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with listener:
        try:
            app = create_app(Shop.open(folder, settings=settings), counts=counts)
            try:
                app.state.versions.ready()
            except (
                BadSetup
            ) as error:  # may be mended while it is served: /readyz says what is wrong until then
                log.error("the shop cannot be searched: %s", error)
        except DuomoError as error:
            says.send(error)
            return
        says.send(None)
        says.close()
        server = _Server(_config(app, settings))
        signal.signal(signal.SIGTERM, lambda number, frame: server.stop())

        def end_with_parent() -> None:
            if parent := parent_process():
                parent.join()
                server.stop()  # nobody is left to end it

        Thread(target=end_with_parent, daemon=True).start()
        Thread(target=app.state.versions.follow, name="duomo-follow", daemon=True).start()
        Thread(target=app.state.tender.run, name="duomo-tend", daemon=True).start()
        server.run(sockets=[listener])
        # Not by way of the interpreter's end: it waits for ever where a thread is just within Lance.
        logging.shutdown()
        os._exit(0)

"""Where a plan's items are built on many machines: a Dask cluster, as one more runner.

Its workers see the same files at the same paths: the scripts, the output folder and the cache. Dask gives the task
of a lost worker to another. When the scheduler itself is lost, its tasks are sent again once it is back.
"""

from __future__ import annotations

import contextlib
import importlib
import queue
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindvoice import __version__
from kindvoice.errors import SettingsError
from kindvoice.jobs.workers import LIVES, OnNews, WorkerLost, seldom

PATIENCE_S = 120.0
"""for a scheduler that is away, and for its first worker"""


@dataclass(slots=True, eq=False)
class _Sent:
    """A task that is out."""

    fn: Callable[..., Any]
    task: Any
    future: Future[Any]
    times: int = 0


class Cluster:
    """fn(task, on_stage) on a Dask cluster.

    folder: that all workers must share with us; None: there is no such folder.
    at_end: done by every worker at the end. Raises SettingsError when there is no such scheduler, no worker, or
    a worker that has another kindvoice or another folder.
    """

    def __init__(
        self,
        address: str,
        on_news: OnNews,
        folder: Path | None,
        at_end: Callable[[], None] | None = None,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError:
            raise SettingsError(
                "--scheduler needs dask.distributed, which is not installed",
                cure="pip install 'kindvoice[cluster]', here and where the workers run",
            ) from None
        self._distributed, self._address = distributed, address
        self._on_news, self._patience_s, self._at_end = on_news, patience_s, at_end
        self._topic = f"kindvoice-{uuid.uuid4().hex}"
        self._out: dict[str, _Sent] = {}
        self._back: queue.SimpleQueue[tuple[_Sent, Future[Any]] | None] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._slots, self._counted_at = 1, -1e9
        self._connect(min(patience_s, 10.0))
        self._check_workers(folder)
        self._keeper = threading.Thread(target=self._keep, name="cluster", daemon=True)
        self._keeper.start()

    @property
    def slots(self) -> int:
        """How many items are out at once: what all workers take together, and one more each so that none waits."""
        if time.monotonic() - self._counted_at > 2:
            with contextlib.suppress(Exception):  # a scheduler that is away tells nothing just now
                threads = self._client.nthreads()
                self._slots = max(1, sum(threads.values()) + len(threads))
            self._counted_at = time.monotonic()
        return self._slots

    def submit(self, fn: Callable[..., Any], task: Any) -> Future[Any]:
        sent = _Sent(fn, task, Future())
        self._send(sent)
        return sent.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """What a worker is building just now it finishes, for nothing can interrupt it from here."""
        self._ending.set()
        self._back.put(None)
        # A scheduler that is away fails in many ways, and what is finished is finished all the same.
        if cancel_futures:
            with contextlib.suppress(Exception):
                self._inner.shutdown(wait=False)
        if self._at_end is not None:
            with contextlib.suppress(Exception):
                self._client.run(self._at_end)
        self._keeper.join(5)
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)

    # ------------------------------------------------------------ the scheduler

    def _connect(self, within_s: float) -> None:
        try:
            self._client = self._distributed.Client(self._address, timeout=within_s, set_as_default=False)
        except (OSError, ValueError) as error:  # its TimeoutError is an OSError
            raise SettingsError(
                f"there is no Dask scheduler at {self._address}: {error}",
                cure="start one with `dask scheduler`, and workers with `dask worker ADDRESS --nthreads 1`",
            ) from None
        self._inner = self._client.get_executor(pure=False)
        self._client.subscribe_topic(self._topic, self._heard)

    def _check_workers(self, folder: Path | None) -> None:
        """They are there, they see what we see, and they are of this version: another would build other bytes."""
        try:
            self._client.wait_for_workers(1, timeout=self._patience_s)
        except (TimeoutError, OSError):
            raise SettingsError(
                f"the scheduler at {self._address} has no workers",
                cure=f"start some: dask worker {self._address} --nthreads 1 --nworkers 4",
            ) from None
        with contextlib.ExitStack() as stack:
            try:
                if folder is not None:
                    folder.mkdir(parents=True, exist_ok=True)
                mark = stack.enter_context(tempfile.NamedTemporaryFile(prefix="seen-", dir=folder))
            except OSError as error:
                raise SettingsError(
                    f"the cache folder {folder} cannot be used: {error.strerror}",
                    cure="name another one in KINDVOICE_CACHE, which all workers share",
                ) from None
            try:
                seen = self._client.run(_seen, mark.name)
            except Exception as error:  # noqa: BLE001 - whatever a worker without kindvoice raises
                raise SettingsError(
                    f"a worker at {self._address} cannot load kindvoice: {type(error).__name__}",
                    cure="install the same kindvoice, with its [cluster] extra, on every worker",
                ) from None
        for worker, (version, sees) in seen.items():
            if folder is not None and not sees:
                raise SettingsError(
                    f"the worker {worker} does not share the cache folder {folder} with this computer",
                    cure="name one in KINDVOICE_CACHE that all see at the same path, and the same for --output",
                )
            if version != __version__:
                raise SettingsError(
                    f"the worker {worker} has kindvoice {version}, and this is {__version__}",
                    cure="install the same kindvoice on every worker",
                )

    def _heard(self, event: Any) -> None:
        """What a worker tells of its item."""
        with contextlib.suppress(
            Exception
        ):  # in a thread of Dask's own; a stage that is not shown harms nobody
            news = event[1]
            if sent := self._out.get(news["item"]):
                self._on_news(news["worker"], sent.task, news["stage"], news["done"], news["of"])

    # ------------------------------------------------------------ tasks out and back

    def _send(self, sent: _Sent) -> None:
        sent.times += 1
        self._out[sent.task.item.id] = sent
        try:
            inner = self._inner.submit(_remote, sent.fn, sent.task, self._topic)
        except Exception as error:  # noqa: BLE001 - a scheduler that is away fails in many ways
            inner = Future()
            inner.set_exception(error)
        inner.add_done_callback(lambda done: self._back.put((sent, done)))

    def _keep(self) -> None:
        while (returned := self._back.get()) is not None:
            sent, inner = returned
            try:
                result = inner.result()
            except (Exception, CancelledError) as error:  # noqa: BLE001 - see _lost
                self._lost(sent, error)
            else:
                self._out.pop(sent.task.item.id, None)
                sent.future.set_result(result)

    def _lost(self, sent: _Sent, error: BaseException) -> None:
        if self._ending.is_set():
            sent.future.cancel()
            return
        if isinstance(error, self._distributed.KilledWorker):
            sent.future.set_exception(WorkerLost("it took several workers of the cluster with it"))
            return
        self._on_news("", sent.task, "lost", 0, 1)
        if sent.times >= LIVES:
            sent.future.set_exception(WorkerLost(f"the cluster failed {LIVES} times: {type(error).__name__}"))
        elif self._again():
            self._send(sent)
        else:
            sent.future.set_exception(WorkerLost(f"the scheduler at {self._address} is gone"))

    def _again(self) -> bool:
        """Waits until the scheduler is there, with a worker."""
        until = time.monotonic() + self._patience_s
        while time.monotonic() < until and not self._ending.is_set():
            with contextlib.suppress(Exception):  # it is still away
                if self._client.status != "running":
                    self._client.close(timeout=1)
                    self._connect(5.0)
                self._client.wait_for_workers(1, timeout=5)
                return True
            time.sleep(0.5)
        return False


# ---------------------------------------------------------------- on a worker


def _seen(path: str) -> tuple[str, bool]:
    """The worker's version, and whether it sees a file of ours."""
    return __version__, Path(path).is_file()


def _remote(fn: Callable[..., Any], task: Any, topic: str) -> Any:
    from distributed import get_worker

    worker = get_worker()

    def report(stage: str, done: int, of: int) -> None:
        worker.log_event(
            topic, {"item": task.item.id, "worker": str(worker.name), "stage": stage, "done": done, "of": of}
        )

    report("started", 0, 1)
    return fn(task, seldom(report, 0.5))

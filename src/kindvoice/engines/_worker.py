"""The process of an engine that works in one of its own: `python -P _worker.py NAME_worker.py [ARGUMENT...]`.

Answers every line of stdin, a job, with a line of JSON on stdout; see `_process`. What works is the worker's file:
its `prepare(ARGUMENT...)` gives the function from a job to its answer. Both are run by their paths and import nothing
of kindvoice, which keeps their start short, and keeps what is GPL out of kindvoice's own process.

It ends at the end of stdin, at once, even in the middle of a job: then kindvoice is gone. On a fault there is no
answer, stderr ends with the reason, and the exit code is not 0.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import threading
import traceback
from queue import SimpleQueue
from types import TracebackType


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else wants to print must not garble an answer
    sys.excepthook = _end
    sys.unraisablehook = lambda lost: _end(lost.exc_type, lost.exc_value, lost.exc_traceback)
    jobs: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    answer = runpy.run_path(sys.argv[1])["prepare"](*sys.argv[2:])
    while True:
        answers.write(json.dumps(answer(json.loads(jobs.get()))).encode("ascii") + b"\n")
        answers.flush()


def _read(jobs: SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        jobs.put(line)
    os._exit(0)


def _end(kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None) -> None:
    """At once: the thread that reads stdin would make an orderly end crash, and hide the reason. An error that is lost
    in a callback from C, as that of a full disk, counts too."""
    traceback.print_exception(kind, fault, trace)
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()

"""Processes that render pieces side by side: the synthesizer holds Python's lock while it plays.

A process reads jobs from its standard input and ends when that does, so none outlives the run,
however the run ends. It imports what renders, not what decodes.
"""

import os
import pickle
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from partimento.batch.writing import write_files
from partimento.music.score import Score
from partimento.rendering.audio.settings import Sound

T = TypeVar("T")
Write = Callable[[Score, Score, str, Sequence[str], Path, Sound], tuple[str, ...]]
"""`write_files`, here or elsewhere."""

PIECES_EACH = 4
"""Pieces for which a process is worth its start."""
ATTEMPTS = 2
"""Processes that may die over a piece."""
_SERVE = "from partimento.batch.renderers import serve; serve()"

Job = tuple[Score, Score, str, Sequence[str], Path, Sound]
"""The arguments of `write_files`."""


class RendererError(ValueError):
    """What went wrong in a process, as its message."""


class Renderers:
    """Threads that each hand pieces to a process; use it as a context."""

    def __init__(self, count: int) -> None:
        """`count` processes, started when they are needed; 0 renders in the calling thread."""
        self._count = count
        self._pool = ThreadPoolExecutor(max(1, count))
        self._own = threading.local()
        self._lock = threading.Lock()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._is_closed = False

    @classmethod
    def for_pieces(cls, pieces: int, cores: int) -> Self:
        """As many as pieces to render keep busy."""
        return cls(min(cores, pieces // PIECES_EACH) if pieces > PIECES_EACH else 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes; what they are at is lost."""
        with self._lock:
            self._is_closed = True
            processes = list(self._processes)
        for process in processes:
            process.kill()
        self._pool.shutdown(cancel_futures=True)
        for process in processes:
            process.communicate()

    def submit(self, finish: Callable[[Write], T], is_rendered: bool) -> Future[T]:
        """Run `finish`, where it renders with what writes files in a process."""
        if self._count and is_rendered:
            return self._pool.submit(finish, self.write)
        future: Future[T] = Future()
        future.set_result(finish(write_files))
        return future

    def write(
        self,
        score: Score,
        played: Score,
        name: str,
        formats: Sequence[str],
        folder: Path,
        sound: Sound,
    ) -> tuple[str, ...]:
        """`write_files` in this thread's process; RendererError with what it raised there."""
        for _ in range(ATTEMPTS):
            process = self._process()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                pickle.dump((score, played, name, formats, folder, sound), process.stdin)
                process.stdin.flush()
                names, error = pickle.load(process.stdout)
            except (EOFError, OSError, pickle.UnpicklingError):
                self._own.process = None
                shutil.rmtree(folder)  # what the process left there is half
                folder.mkdir()
            else:
                if error is not None:
                    raise RendererError(error)
                return tuple(names)
        raise RendererError("the process that renders died; is there enough memory?")

    def _process(self) -> subprocess.Popen[bytes]:
        """This thread's process, started when there is none."""
        process: subprocess.Popen[bytes] | None = getattr(self._own, "process", None)
        if process is not None:
            return process
        with self._lock:
            if self._is_closed:
                raise RendererError("stopped")
            process = subprocess.Popen(
                # -P: modules of the current folder must not stand in for those of Python.
                [sys.executable, "-P", "-c", _SERVE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the run, which ends these
            )
            self._processes.append(process)
        self._own.process = process
        return process


def serve() -> None:
    """Answer jobs from standard input until it ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    while True:
        try:
            job: Job = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer: tuple[tuple[str, ...], str | None] = (write_files(*job), None)
        except Exception as error:
            answer = ((), describe(error))
        pickle.dump(answer, answers)
        answers.flush()


def describe(error: BaseException) -> str:
    """An error as one line; the kind of error stands before what users cannot cause."""
    message = " ".join(str(error).split()) or "no message"
    if isinstance(error, ValueError | OSError):
        return message
    return f"{type(error).__name__}: {message}"

"""The same run on a Ray cluster: workers make groups and send their files; one process saves.

Workers need this package, and no shared disk: weights and sound font travel to them, files
travel back. Only this process writes to the folder, so a piece is there once however often a
worker dies over it.
"""

import logging
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partimento import __version__
from partimento.batch.folder import OutputFolder
from partimento.batch.items import Item
from partimento.batch.making import decode, groups, submit
from partimento.batch.records import Making, Record, failed_record
from partimento.batch.renderers import Renderers, describe
from partimento.batch.running import Observer, save
from partimento.errors import PartimentoError, SettingError
from partimento.rendering.audio.settings import DEFAULT_SOUND, Sound
from partimento.sampling.engine import Engine, check_engine
from partimento.sampling.engines import load_engine

LOCAL = "local"
"""The address that stands for a Ray instance of its own on this machine."""
ATTEMPTS = 3
"""Workers that may die over an item before it counts as failed."""
WAIT_SECONDS = 0.5
"""Between looks at whether to stop."""

Delivery = tuple[Record, dict[str, bytes]]
"""A line, and the files that it names."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the workers are and what they are given."""

    address: str
    cpus: int | None
    """Cores of one worker; all of the smallest machine when off."""
    checkpoint: Path
    passages: Path
    """Of the music that the weights were trained on; there may be no such file."""
    device: str = "cpu"
    sound: Sound = DEFAULT_SOUND


@dataclass(frozen=True, slots=True)
class _Task:
    items: list[Item]
    deaths: int = 0
    """Workers that died over these items."""


CHECKPOINT = "weights.safetensors"
"""What the weights' file is called where a worker keeps it."""
_engines: dict[tuple[str, ...], Engine] = {}
"""Engines of this worker process; it gets many groups of one run."""


def make_group(
    items: list[Item],
    making: Making,
    device: str,
    weights: Mapping[str, bytes],
    loudness: float,
    soundfont: bytes | None,
    cpus: int,
    version: str,
) -> list[Delivery]:
    """Make items in a worker, with weights and what is beside them; their lines and files."""
    if version != __version__:
        raise PartimentoError(
            f"a worker has partimento {__version__}, this machine {version}; install the same"
        )
    deliveries = []
    with tempfile.TemporaryDirectory(prefix="partimento-") as name:
        place = Path(name)
        engine = _engine(making, device, weights, place)
        font = None
        if soundfont is not None:
            font = place / "soundfont.sf2"
            font.write_bytes(soundfont)
        sound = Sound(font, loudness)
        rendered = sum(bool(item.formats) for item in items)
        with Renderers.for_pieces(rendered, cpus) as renderers:
            finished = []
            for outcome in decode(items, engine):
                folder = place / str(outcome.item.index)
                folder.mkdir()
                finished.append((folder, submit(renderers, outcome, folder, sound, making)))
            for folder, future in finished:
                record = future.result()
                assert record is not None, "nothing stops a worker"
                files = {file: (folder / file).read_bytes() for file in record.files}
                deliveries.append((record, files))
    return deliveries


def _engine(making: Making, device: str, weights: Mapping[str, bytes], place: Path) -> Engine:
    key = (making.checkpoint, making.engine, making.precision, device)
    if key not in _engines:
        for name, content in weights.items():
            (place / name).write_bytes(content)
        _engines.clear()
        engine, precision = check_engine(making.engine, making.precision)
        _engines[key] = load_engine(place / CHECKPOINT, engine, precision, device)
        _ = _engines[key].known  # read now: the files are gone when the group is made
    return _engines[key]


def _weights(cluster: Cluster) -> dict[str, bytes]:
    """What a worker needs of the weights' folder, by the names that it has there."""
    files = {CHECKPOINT: cluster.checkpoint, cluster.passages.name: cluster.passages}
    return {name: path.read_bytes() for name, path in files.items() if path.is_file()}


def run_on_ray(
    items: Sequence[Item],
    folder: OutputFolder,
    cluster: Cluster,
    making: Making,
    observer: Observer,
    should_stop: Callable[[], bool],
    group_size: int | None = None,
) -> None:
    """Make all items on the workers; when `should_stop` turns true, what was sent is kept."""
    with _connected(cluster.address) as ray:
        cpus = _worker_cpus(ray, cluster.cpus)
        maker = ray.remote(make_group).options(num_cpus=cpus, max_retries=0)
        weights = ray.put(_weights(cluster))
        path, loudness = cluster.sound.soundfont, cluster.sound.loudness
        font = None if path is None else ray.put(path.read_bytes())
        workers = _count_workers(ray, cpus)
        waiting = deque(_Task(group) for group in groups(items, cpus, group_size, workers))
        running: dict[Any, _Task] = {}
        while waiting or running:
            if should_stop():
                for reference in running:
                    with suppress(ray.exceptions.RayError):
                        ray.cancel(reference, force=True)
                return
            # Two for each worker: the next one is there when a worker is done.
            most = 2 * _count_workers(ray, cpus)
            while waiting and len(running) < most:
                task = waiting.popleft()
                observer.started(task.items)
                arguments = (making, cluster.device, weights, loudness, font, cpus, __version__)
                running[maker.remote(task.items, *arguments)] = task
            ready, _ = ray.wait(list(running), timeout=WAIT_SECONDS)
            for reference in ready:
                task = running.pop(reference)
                try:
                    deliveries = ray.get(reference)
                except ray.exceptions.RayTaskError as error:
                    message = describe(error.cause or error)
                    _fail(task, message, folder, making, observer)
                except ray.exceptions.RayError as error:
                    kind = type(error).__name__
                    waiting.extendleft(_again(task, kind, folder, making, observer))
                else:
                    _save_all(task, deliveries, folder, making, observer)


def _save_all(
    task: _Task,
    deliveries: list[Delivery],
    folder: OutputFolder,
    making: Making,
    observer: Observer,
) -> None:
    """Put what a worker sent into the folder."""
    for item, (record, files) in zip(task.items, deliveries, strict=True):
        staged = folder.staging(item)
        for name, data in files.items():
            (staged / name).write_bytes(data)
        observer.finished(item, save(folder, item, record, staged, making))


def _again(
    task: _Task, kind: str, folder: OutputFolder, making: Making, observer: Observer
) -> list[_Task]:
    """What to try after a worker died: the items by themselves, until it is the item's fault."""
    deaths = task.deaths + 1
    if deaths < ATTEMPTS:
        return [_Task([item], deaths) for item in task.items]
    _fail(task, f"{deaths} workers died over it ({kind})", folder, making, observer)
    return []


def _fail(
    task: _Task, message: str, folder: OutputFolder, making: Making, observer: Observer
) -> None:
    for item in task.items:
        record = failed_record(item, message, making)
        folder.commit(record)
        observer.finished(item, record)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Yield the ray module, connected; ValueError when it is missing or nothing answers."""
    try:
        import ray

        is_installed = ray.__file__ is not None  # a folder named ray can be imported too
    except ImportError:
        is_installed = False
    if not is_installed:
        raise PartimentoError("ray is not installed; run: pip install 'partimento[distributed]'")
    try:
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({"include_dashboard": False} if address == LOCAL else {}),
        )
    except (ConnectionError, RuntimeError, ValueError, TimeoutError, OSError) as error:
        raise PartimentoError(f"no Ray cluster answers at {address}: {describe(error)}") from None
    try:
        yield ray
    finally:
        ray.shutdown()


def _count_workers(ray: Any, cpus: int) -> int:
    """Workers that the cluster has cores for; machines come and go."""
    return max(1, int(ray.cluster_resources().get("CPU", 0)) // cpus)


def _worker_cpus(ray: Any, asked: int | None) -> int:
    """Cores of one worker: what was asked, or all of the smallest machine."""
    counts = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    cores = [count for count in counts if count]
    if not cores:
        raise PartimentoError("the cluster has no machine with cores; start one with: ray start")
    if asked is not None and asked > max(cores):
        raise SettingError(
            "ray_cpus", f"must not exceed the {max(cores)} of the largest machine, got {asked}"
        )
    return asked or min(cores)

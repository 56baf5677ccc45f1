"""What there is to write: a request with nothing left open, its plan, and the given sketch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from partimento.music.sketch import Sketch
from partimento.request.request import Request
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES, SKETCH_WISHES
from partimento.sampling.continuing import plan_of
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.sampling.primer_bars import Primer
from partimento.sampling.resolution import resolve
from partimento.tokenizer import vocabulary as v


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A piece that may be sketched."""

    request: Request
    """Resolved."""
    plan: Plan
    sketch: Sketch | None = None
    """The one that is given, of the new bars."""

    @property
    def seed(self) -> int:
        """Of the piece."""
        assert self.request.seed is not None
        return self.request.seed

    @property
    def is_asked(self) -> bool:
        """Whether the sketch is asked for, and not just usual.

        Words of a prompt for texture and register ask for none: weights without sketches still
        write what else the prompt says.
        """
        request = self.request
        firm = [name for name in SKETCH_WISHES if name not in ATTRIBUTE_WISHES]
        is_firm = any(getattr(request, name) is not None for name in firm)
        return (
            self.sketch is not None
            or is_firm
            or bool(request.attributes and request.prompt is None)
        )


def job_of(request: Request, primer: Primer | None = None, sketch: Sketch | None = None) -> Job:
    """The job of a request, with what it leaves open filled in."""
    if sketch is not None:
        request = fitted(request, sketch)
    request = resolve(request, primer).request
    if sketch is None or primer is not None or request.loop:
        return Job(request, plan_of(request, primer), sketch)
    # Who plays is the sketch's to say. Chords have their own bars.
    has_meters = request.chords is None
    changes = _meter_changes(request, sketch.meters[: request.bars]) if has_meters else ()
    return Job(request, make_plan(request, openings=changes), sketch)


def fitted(request: Request, sketch: Sketch) -> Request:
    """The request with what a given sketch says, where it leaves that open: length and meter.

    A piece lasts as long as its sketch unless a length other than the default is asked for.
    """
    if request.bars == Request.bars:
        request = replace(request, bars=sketch.bars)
    if request.meter is None and sketch.meters and sketch.meters[0] in v.METERS:
        request = replace(request, meter="{}/{}".format(*sketch.meters[0]))
    return request


def _meter_changes(request: Request, meters: Sequence[tuple[int, int]]) -> list[list[int]]:
    """What each bar of a sketch opens with; nothing where another meter is asked for."""
    if not meters or request.meter != meters[0] or not set(meters) <= set(v.METERS):
        return []
    before = (meters[0], *meters[:-1])
    return [
        [] if meter == last else [v.METER + v.METERS.index(meter)]
        for meter, last in zip(meters, before, strict=True)
    ]

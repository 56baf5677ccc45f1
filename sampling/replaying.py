"""A piece once more, from the settings that are stored in its file."""

import io

from partimento.music.sketch_files import read_sketch
from partimento.sampling.engine import Engine
from partimento.sampling.generate import Piece, piece_of
from partimento.sampling.jobs import job_of
from partimento.sampling.primer import primer_of
from partimento.sampling.provenance import Provenance
from partimento.sampling.redrawing import Draft, redecode
from partimento.sampling.sketcher import Sketcher
from partimento.sampling.sketching import with_sketches
from partimento.sampling.times import Times


def replay(provenance: Provenance, engine: Engine, sketcher: Sketcher | None = None) -> Piece:
    """Make a piece again, as far as it went; engine and sketcher must hold the same weights."""
    primer = None if provenance.primer is None else primer_of(provenance.primer)
    sketch = None if provenance.sketch is None else read_sketch(io.BytesIO(provenance.sketch))
    [planned] = with_sketches([job_of(provenance.request, primer, sketch)], engine, sketcher)
    times = Times(1)
    draft = Draft(planned.plan, provenance.seed, planned.plan.prompt, redraws=provenance.redraws)
    tokens = redecode(draft, engine, times.on_bar, provenance.finished_bars)
    return piece_of(tokens, planned, provenance, primer, times.seconds(0), engine)

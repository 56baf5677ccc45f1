"""The figures as sections of the document."""

from pathlib import Path

from benchmarks import machine, ours, peers
from benchmarks.plot import draw
from benchmarks.report import number, rate, share, table, times
from benchmarks.suite import LIMITS, PRECISIONS, STREAMS, Scale
from benchmarks.timing import Results

FIXED = (*PRECISIONS, peers.LINEAR, peers.LSTM)
"""What has a state of fixed size."""


def names(results: Results) -> list[str]:
    """What was measured, ours first."""
    order = (*PRECISIONS, peers.LINEAR, peers.LSTM, peers.SOFTMAX, peers.LLAMA)
    return [name for name in order if any(key[0] == name for key in results)]


def label(name: str) -> str:
    """How a table calls it."""
    return f"**this engine, {name}**" if name in PRECISIONS else name


def machine_page(results: Results) -> str:
    """The machine and its limits."""
    rows = [list(fact) for fact in machine.describe()]
    for case, text, unit in (
        ("read memory", "reading 256 MB, one core", "GB/s"),
        ("read float32", "reading as many bytes as the float32 weights, again and again", "GB/s"),
        ("read int8", "reading as many bytes as the int8 weights, again and again", "GB/s"),
        ("product on one", "torch.mm, float32, one core", "GFLOP/s"),
        ("product on all", "torch.mm, float32, all cores", "GFLOP/s"),
    ):
        if (LIMITS, case) in results:
            rows.append([text, f"{number(results[LIMITS, case] / 1e9)} {unit}"])
    return table(["", ""], rows)


def single_page(results: Results, scale: Scale) -> str:
    """Tokens a second of one piece."""
    last = scale.positions[-1]
    cases = [f"first {tokens}" for tokens in scale.whole] + [f"at {last}"]
    heads = [f"first {tokens:,} tokens" for tokens in scale.whole] + [f"at token {last:,}"]
    compared = cases[len(scale.whole) - 1]
    rows = []
    for name in names(results):
        ratio = results.ratio((name, compared), (PRECISIONS[0], compared))
        rates = [rate(results.get((name, case))) for case in cases]
        rows.append([label(name), *rates, times(ratio)])
    return table(["tokens/s", *heads, f"int8 is faster, {heads[len(scale.whole) - 1]}"], rows)


def batch_page(results: Results, scale: Scale) -> str:
    """Tokens a second of all pieces together."""
    rows = []
    for name in names(results):
        cells = []
        for count in scale.batches:
            for index, position in enumerate(scale.batch_positions):
                case = f"{count} pieces" if name in PRECISIONS else f"{count} pieces at {position}"
                is_same = name in FIXED and index > 0
                cells.append("same" if is_same else rate(results.get((name, case))))
        rows.append([label(name), *cells])
    heads = [f"{n} at {p:,}" for n in scale.batches for p in scale.batch_positions]
    return table(["tokens/s, pieces at token", *heads], rows)


def limits_page(results: Results, checkpoint: Path, scale: Scale) -> str:
    """How near the engine is to what the machine can do."""
    weights, _ = ours.matrix_sizes(checkpoint)
    whole, most = f"first {scale.whole[-1]}", f"{scale.batches[-1]} pieces"
    rows = []
    for name in PRECISIONS:
        if (LIMITS, "read memory") not in results:
            continue
        if (name, whole) in results:
            read = weights * (4 if name == "float32" else 1) / results[name, whole]
            rows.append(
                [
                    f"{name}, one piece: weights read",
                    f"{number(read / 1e9)} GB/s",
                    f"{share(read / results[LIMITS, 'read memory'])} of memory, "
                    f"{share(read / results[LIMITS, f'read {name}'])} of cache",
                ]
            )
        if (name, most) in results:
            done = 2 * weights / results[name, most]
            rows.append(
                [
                    f"{name}, {most}: products of weights",
                    f"{number(done / 1e9)} GFLOP/s",
                    f"{share(done / results[LIMITS, 'product on all'])} of torch.mm",
                ]
            )
    return table(["", "measured", "share of the limit"], rows)


def start_page(results: Results, scale: Scale) -> str:
    """Whole processes and primers."""
    rows = []
    for case, text, factor, unit in (
        ("warm", "`generate`, 16 bars, whole process", 1, "s"),
        ("cold", "`generate`, nothing compiled yet", 1, "s"),
        ("memory", "peak memory, 16 bars", 1e-6, "MB"),
        ("long memory", "peak memory, 512 bars", 1e-6, "MB"),
        ("prefill", f"reading a primer of {scale.primer:,} tokens", 1, "s"),
    ):
        found = [
            f"{number(results[name, case] * factor)} {unit}" if (name, case) in results else "-"
            for name in PRECISIONS
        ]
        rows.append([text, *found])
    return table(["", *PRECISIONS], rows)


def goals_page(results: Results, checkpoint: Path, scale: Scale) -> str:
    """What was set as a goal, and what came out, for the default precision."""
    ours_, whole = PRECISIONS[0], f"first {scale.whole[-1]}"
    weights, _ = ours.matrix_sizes(checkpoint)
    most, last = f"{scale.batches[-1]} pieces", scale.positions[-1]

    def part_of(limit: str, work: int, case: str) -> float | None:
        if (LIMITS, limit) not in results or (ours_, case) not in results:
            return None
        return work / results[ours_, case] / results[LIMITS, limit]

    def shown(value: float | None, form: str) -> str:
        if value is None:
            return "-"
        return {"x": times(value), "%": share(value), "s": f"{number(value)} s"}[form]

    flat = results.ratio((ours_, f"at {last}"), (ours_, f"at {scale.positions[0]}"))
    ratios: list[tuple[str, str, float | None, str]] = [
        (
            f"faster than `transformers` over {scale.whole[-1]:,} tokens",
            "25x",
            results.ratio((peers.LLAMA, whole), (ours_, whole)),
            "x",
        ),
        (
            f"faster than the softmax twin over {scale.whole[-1]:,} tokens",
            "8x",
            results.ratio((peers.SOFTMAX, whole), (ours_, whole)),
            "x",
        ),
        (
            "weights read, of the memory's rate, one piece",
            "50 %",
            part_of("read memory", weights, whole),
            "%",
        ),
        (
            f"products, of torch.mm's rate, {most}",
            "50 %",
            part_of("product on all", 2 * weights, most),
            "%",
        ),
        (
            f"{most} against two single streams, two cores",
            "1.5x",
            results.ratio((ours_, STREAMS), (ours_, most)),
            "x",
        ),
        (f"time of a token at {last:,} against {scale.positions[0]}", "1.05x", flat, "x"),
        ("`generate`, 16 bars, warm", "1.2 s", results.get((ours_, "warm")), "s"),
        ("`generate`, cold", "25 s", results.get((ours_, "cold")), "s"),
        (f"primer of {scale.primer:,} tokens", "0.5 s", results.get((ours_, "prefill")), "s"),
    ]
    return table(
        [f"{ours_}", "goal", "measured"],
        [[text, goal, shown(value, form)] for text, goal, value, form in ratios],
    )


def picture(results: Results, scale: Scale) -> str | None:
    """Time per token by position; None when it was not measured."""
    curves = {}
    for name in names(results):
        points = [
            (p, results[name, f"at {p}"]) for p in scale.positions if (name, f"at {p}") in results
        ]
        if points:
            curves[label(name).strip("*")] = points
    return draw(curves) if curves else None

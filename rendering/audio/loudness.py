"""How loud sound is: integrated loudness and true peak by ITU-R BS.1770-5, in numpy alone.

S samples, C channels, B blocks. All sound has 48,000 samples a second.
"""

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 48_000
"""Samples a second, for which the standard gives its coefficients."""

Audio = npt.NDArray[np.float32]
"""(S, C) samples; 1.0 is full scale."""

# BS.1770-5, tables 1 and 2: a shelf for the head's effect, then a high-pass at 38 Hz.
_SHELF = (
    1.53512485958697,
    -2.69169618940638,
    1.19839281085285,
    -1.69065929318241,
    0.73248077421585,
)
_HIGH_PASS = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)
_TAPS = 8192
"""Samples of the filters' response: the high-pass has fallen by 350 dB then."""
_SEGMENT = 1 << 16
"""Samples of one Fourier transform; what memory is needed at a time."""

_HOP, _HOPS_A_BLOCK = SAMPLE_RATE // 10, 4
"""Blocks of 400 ms begin every 100 ms."""
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0
_OFFSET = -0.691
"""Makes a full-scale sine of 997 Hz in one channel -3.01 LUFS."""

_OVERSAMPLING, _PHASE_TAPS = 4, 12
"""Places looked at for each sample, and the samples around that decide each (annex 2)."""


def integrated_loudness(audio: Audio) -> float:
    """Loudness of (S, C) sound in LUFS, silence gated away; -inf where nothing passes -70 LUFS."""
    hops = len(audio) // _HOP
    if hops < _HOPS_A_BLOCK:
        padding = np.zeros((_HOP * _HOPS_A_BLOCK - len(audio), audio.shape[1]), np.float32)
        return integrated_loudness(np.concatenate([audio, padding]))
    energy = np.zeros(hops)  # of each hop, both channels together
    for channel in audio.T:
        weighted = k_weighted(channel)[: hops * _HOP]
        energy += np.square(weighted).reshape(hops, _HOP).mean(axis=1)
    blocks = np.convolve(energy, np.full(_HOPS_A_BLOCK, 1 / _HOPS_A_BLOCK), "valid")  # (B,)
    loud = blocks[_lufs(blocks) > _ABSOLUTE_GATE]
    if not len(loud):
        return -np.inf
    gate = float(_lufs(loud.mean())) + _RELATIVE_GATE
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def k_weighted(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """One channel (S,) as loud as ears find it, filtered by overlapping segments."""
    response = np.fft.rfft(_response(), _SEGMENT)
    step = _SEGMENT - _TAPS + 1
    weighted = np.zeros(-(-len(samples) // step) * step + _TAPS - 1)
    for start in range(0, len(samples), step):
        spectrum = np.fft.rfft(samples[start : start + step], _SEGMENT)
        weighted[start : start + _SEGMENT] += np.fft.irfft(spectrum * response, _SEGMENT)
    return weighted[: len(samples)]


def true_peak(audio: Audio) -> float:
    """Highest level between the samples too, of (S, C) sound at four times the rate."""
    peak = float(np.abs(audio).max(initial=0.0))
    kernels = _interpolation()
    # No kernel more than doubles what it sees, so quieter places need no look.
    near = np.abs(audio).max(axis=1) > peak / 2
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]]).astype(np.int8)))
    half = _PHASE_TAPS // 2
    padded = np.pad(audio, ((half, half), (0, 0)))
    for start, end in _joined(edges.reshape(-1, 2), _PHASE_TAPS):
        for channel in padded[start : end + 2 * half].T:
            for kernel in kernels:
                peak = max(peak, float(np.abs(np.convolve(channel, kernel, "valid")).max()))
    return peak


def _lufs(energy: npt.NDArray[np.float64] | np.floating) -> npt.NDArray[np.float64]:
    """Loudness of a mean square; of none -inf."""
    with np.errstate(divide="ignore"):
        return np.asarray(_OFFSET + 10 * np.log10(energy))


def _response() -> npt.NDArray[np.float64]:
    """(_TAPS,) what the two filters make of a single sample."""
    samples = [1.0] + [0.0] * (_TAPS - 1)
    for b0, b1, b2, a1, a2 in (_SHELF, _HIGH_PASS):
        x1 = x2 = y1 = y2 = 0.0
        for index, x in enumerate(samples):
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            samples[index], x1, x2, y1, y2 = y, x, x1, y, y1
    return np.array(samples)


def _interpolation() -> npt.NDArray[np.float64]:
    """(3, _PHASE_TAPS) windowed sines over x that give the places between two samples."""
    places = np.arange(_PHASE_TAPS) - _PHASE_TAPS // 2 + 1
    shifts = np.arange(1, _OVERSAMPLING)[:, None] / _OVERSAMPLING
    distance = places - shifts
    window = np.cos(np.pi * distance / (_PHASE_TAPS + 1)) ** 2
    kernels: npt.NDArray[np.float64] = np.sinc(distance) * window
    kernels /= kernels.sum(axis=1, keepdims=True)
    return kernels[:, ::-1]


def _joined(spans: npt.NDArray[np.int64], gap: int) -> list[tuple[int, int]]:
    """Spans (N, 2) of samples, those less than `gap` apart as one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans.tolist():
        if joined and start - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined

"""Gated linear attention and the gated delta rule, each as definition, chunks and recurrence.

B batch, T time, H heads, K key width, V value width, N chunks, C tokens in a chunk.

Every function takes q, k (B, T, H, K), v (B, T, H, V), log_decay (B, T, H) <= 0, for the
delta rule also beta (B, T, H) in [0, 1], and an optional state (B, H, K, V); it returns
the output (B, T, H, V) and the state after the last token. `naive` is the definition,
`chunk` trains, `recurrent` decodes. All three compute the same in exact arithmetic.

Sources: Yang et al. 2023 (arXiv:2312.06635) for the chunk form of gated linear attention,
with one scalar decay a head and token as in Dao and Gu 2024 (arXiv:2405.21060); Yang, Kautz
and Hatamizadeh 2024 (arXiv:2412.06464) for the gated delta rule and its WY form.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

CHUNK_SIZE = 64
"""Tokens in a chunk: the products inside a chunk then cost about as much as the states."""

SPAN_CHUNKS = 64
"""Chunks whose states one matrix product combines; its cost grows with their square."""


def naive_gated(
    q: Tensor, k: Tensor, v: Tensor, log_decay: Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Weigh every earlier token by q·k and the decays since: o_t = Σ_s (q_t·k_s) e^(g_t-g_s) v_s.

    g is the running sum of log_decay. Cost and memory grow with T².
    """
    total = log_decay.cumsum(1).transpose(1, 2)  # (B, H, T)
    weights = _decay_between(total)  # (B, H, T, T)
    scores = torch.einsum("bthk,bshk->bhts", q, k) * weights
    output = torch.einsum("bhts,bshv->bthv", scores, v)
    final = torch.einsum("bhs,bshk,bshv->bhkv", weights[:, :, -1], k, v)
    if state is not None:
        decay = total.exp()
        output = output + torch.einsum("bht,bthk,bhkv->bthv", decay, q, state)
        final = final + decay[:, :, -1, None, None] * state
    return output, final


def recurrent_gated(
    q: Tensor, k: Tensor, v: Tensor, log_decay: Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Carry one matrix a head: S = e^log_decay S + k vᵀ, o = Sᵀ q. Cost grows with T."""
    memory = _start(k, v) if state is None else state
    outputs = []
    for t in range(q.shape[1]):
        memory = log_decay[:, t, :, None, None].exp() * memory
        memory = memory + k[:, t, :, :, None] * v[:, t, :, None, :]
        outputs.append(torch.einsum("bhk,bhkv->bhv", q[:, t], memory))
    return torch.stack(outputs, 1), memory


def chunk_gated(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    log_decay: Tensor,
    state: Tensor | None = None,
    chunk_size: int = CHUNK_SIZE,
) -> tuple[Tensor, Tensor]:
    """Attend inside chunks, and to earlier chunks through their summed states.

    Decays enter as exponentials of differences that are never positive, so nothing
    overflows. Cost grows with T for a fixed chunk size.
    """
    span = chunk_size * SPAN_CHUNKS
    if q.shape[1] <= span:
        return _span_gated(q, k, v, log_decay, state, chunk_size)
    outputs = []
    for start in range(0, q.shape[1], span):
        part = slice(start, start + span)
        output, state = _span_gated(
            q[:, part], k[:, part], v[:, part], log_decay[:, part], state, chunk_size
        )
        outputs.append(output)
    assert state is not None
    return torch.cat(outputs, 1), state


def _span_gated(
    q: Tensor, k: Tensor, v: Tensor, log_decay: Tensor, state: Tensor | None, chunk_size: int
) -> tuple[Tensor, Tensor]:
    time, key_width = q.shape[1], q.shape[3]
    size = min(chunk_size, time)
    q, k, v = (_split(x, size) for x in (q, k, v))  # (B, H, N, C, ·)
    total = _split(log_decay[..., None], size)[..., 0].cumsum(-1)  # (B, H, N, C)
    chunks = total.shape[2]
    scores = (q @ k.transpose(-1, -2)) * _decay_between(total)
    output = scores @ v

    kept = (total[..., -1:] - total).exp()  # (B, H, N, C)
    added = (k * kept[..., None]).transpose(-1, -2) @ v  # (B, H, N, K, V)
    # Row n of this table brings the chunks before n to the start of chunk n; its last row
    # brings all of them to the end.
    ends = functional.pad(total[..., -1].cumsum(-1), (1, 0))  # (B, H, N + 1)
    carry = _decay_between(ends)[..., 1:]  # (B, H, N + 1, N)
    before = carry @ added.flatten(-2)  # (B, H, N + 1, K V)
    if state is not None:
        before = before + ends.exp()[..., None] * state.flatten(-2)[:, :, None]
    before = before.view(*before.shape[:-1], key_width, v.shape[-1])
    if chunks > 1 or state is not None:
        output = output + (q * total.exp()[..., None]) @ before[:, :, :-1]
    return _join(output, time), before[:, :, -1]


def naive_delta(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    log_decay: Tensor,
    beta: Tensor,
    state: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Multiply out S = e^log_decay (I - β k kᵀ) S + β k vᵀ, o = Sᵀ q, token by token."""
    memory = _start(k, v) if state is None else state
    identity = torch.eye(k.shape[-1], dtype=k.dtype, device=k.device)
    outputs = []
    for t in range(q.shape[1]):
        key, rate = k[:, t], beta[:, t, :, None, None]
        erase = identity - rate * (key[..., :, None] * key[..., None, :])
        memory = log_decay[:, t, :, None, None].exp() * (erase @ memory)
        memory = memory + rate * (key[..., :, None] * v[:, t, :, None, :])
        outputs.append(torch.einsum("bhk,bhkv->bhv", q[:, t], memory))
    return torch.stack(outputs, 1), memory


def recurrent_delta(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    log_decay: Tensor,
    beta: Tensor,
    state: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Write at each token only what the decayed memory does not already answer for its key."""
    memory = _start(k, v) if state is None else state
    outputs = []
    for t in range(q.shape[1]):
        memory = log_decay[:, t, :, None, None].exp() * memory
        known = torch.einsum("bhk,bhkv->bhv", k[:, t], memory)
        new = beta[:, t, :, None] * (v[:, t] - known)
        memory = memory + k[:, t, :, :, None] * new[:, :, None, :]
        outputs.append(torch.einsum("bhk,bhkv->bhv", q[:, t], memory))
    return torch.stack(outputs, 1), memory


def chunk_delta(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    log_decay: Tensor,
    beta: Tensor,
    state: Tensor | None = None,
    chunk_size: int = CHUNK_SIZE,
) -> tuple[Tensor, Tensor]:
    """Solve one triangular system a chunk for what each token writes, then attend as gated does.

    With g the running sum of log_decay in the chunk and S the state at its start, the writes
    are u_t = β_t (v_t - e^g_t Sᵀ k_t - Σ_s<t e^(g_t-g_s) (k_t·k_s) u_s).
    """
    time = q.shape[1]
    memory = _start(k, v) if state is None else state
    size = min(chunk_size, time)
    q, k, v = (_split(x, size) for x in (q, k, v))  # (B, H, N, C, ·)
    total = _split(log_decay[..., None], size)[..., 0].cumsum(-1)  # (B, H, N, C)
    rate = _split(beta[..., None], size)  # (B, H, N, C, 1)
    between = _decay_between(total)  # (B, H, N, C, C)
    decay = total.exp()[..., None]

    rated = k * rate
    system = (rated @ k.transpose(-1, -2)) * between
    # The solver takes the diagonal as ones and reads only what is below it.
    targets = torch.cat([v * rate, rated * decay], -1)
    solved = torch.linalg.solve_triangular(
        system.tril(-1), targets, upper=False, unitriangular=True
    )
    writes, reads = solved.split([v.shape[-1], k.shape[-1]], -1)
    scores = (q @ k.transpose(-1, -2)) * between
    asked = q * decay
    kept = (k * (total[..., -1:] - total).exp()[..., None]).transpose(-1, -2)
    last = decay[..., -1:, :]
    outputs = []
    for n in range(total.shape[2]):
        new = writes[:, :, n] - reads[:, :, n] @ memory
        outputs.append(asked[:, :, n] @ memory + scores[:, :, n] @ new)
        memory = last[:, :, n] * memory + kept[:, :, n] @ new
    return _join(torch.stack(outputs, 2), time), memory


def _decay_between(total: Tensor) -> Tensor:
    """e^(total_i - total_j) where j <= i, else 0: (..., T) to (..., T, T)."""
    length = total.shape[-1]
    future = torch.ones(length, length, dtype=torch.bool, device=total.device).triu(1)
    return (total[..., :, None] - total[..., None, :]).masked_fill(future, -torch.inf).exp()


def _start(k: Tensor, v: Tensor) -> Tensor:
    """The state before the first token: zeros (B, H, K, V)."""
    batch, _, heads, key_width = k.shape
    return k.new_zeros(batch, heads, key_width, v.shape[-1])


def _split(x: Tensor, size: int) -> Tensor:
    """Cut time into chunks: (B, T, H, D) to (B, H, N, C, D), the last one padded with zeros.

    A padded token has key 0 and log_decay 0, so it leaves the state as it is.
    """
    missing = -x.shape[1] % size
    if missing:
        x = functional.pad(x, (0, 0, 0, 0, 0, missing))
    return x.view(len(x), -1, size, *x.shape[2:]).permute(0, 3, 1, 2, 4)


def _join(x: Tensor, time: int) -> Tensor:
    """Undo _split: (B, H, N, C, D) to (B, T, H, D), without the padding."""
    return x.permute(0, 2, 3, 1, 4).flatten(1, 2)[:, :time]

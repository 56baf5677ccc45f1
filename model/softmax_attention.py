"""Causal softmax attention with rotary positions: the baseline beside linear attention.

B batch, T new tokens, P tokens so far, H heads, K head width.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

ROTARY_BASE = 10_000.0
"""Su et al. 2021 (arXiv:2104.09864)."""


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    keys: Tensor | None = None,
    values: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Attend to all tokens so far: q, k, v (B, T, H, K), earlier keys and values (B, H, P, K).

    Returns the output (B, T, H, K) and the keys and values with the new ones appended. The
    keys are kept rotated.
    """
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))  # (B, H, T, K)
    past = 0 if keys is None else keys.shape[2]
    q, k = rotate(q, past), rotate(k, past)
    if keys is not None and values is not None:
        k, v = torch.cat([keys, k], 2), torch.cat([values, v], 2)
    time = q.shape[2]
    if past == 0:
        output = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    else:
        seen = torch.ones(time, past + time, dtype=torch.bool, device=q.device).tril(past)
        output = functional.scaled_dot_product_attention(q, k, v, attn_mask=seen)
    return output.transpose(1, 2), k, v


def rotate(x: Tensor, start: int) -> Tensor:
    """Turn each pair of entries by its position times its frequency; x (B, H, T, K)."""
    time, width = x.shape[-2:]
    half = width // 2
    frequencies = ROTARY_BASE ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    positions = torch.arange(start, start + time, dtype=torch.float64, device=x.device)
    angles = positions[:, None] * frequencies  # (T, K / 2), float64: exact at any position
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)

"""Which number type the large matrix products of training use."""

import torch

from partimento.training.config import Products

INSTRUCTIONS = ("avx512_bf16", "amx_bf16")
"""Processor features that multiply bfloat16 faster than float32; without them it is far slower."""


def product_type(products: Products) -> torch.dtype | None:
    """The number type to round products to; None leaves them in float32."""
    if products == "auto":
        products = "bfloat16" if _has_instructions() else "float32"
    return torch.bfloat16 if products == "bfloat16" else None


def _has_instructions() -> bool:
    # Older torch cannot tell; then float32 is the safe choice.
    if not hasattr(torch.cpu, "get_capabilities"):
        return False
    found = torch.cpu.get_capabilities()
    return any(found.get(name) for name in INSTRUCTIONS)

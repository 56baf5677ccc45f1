"""Weights as int8 with one scale for each output row: a quarter of the bytes a token reads."""

import numpy as np

from partimento.model.compiled.packing import Matrix, Weights, zeros

LARGEST = 127


def quantize(weights: Weights) -> Weights:
    """Round the large matrices to int8; embeddings, norms and rates stay float32."""
    return weights._replace(
        mixer=quantize_matrix(weights.mixer),
        mixer_output=quantize_matrix(weights.mixer_output),
        feed=quantize_matrix(weights.feed),
        feed_output=quantize_matrix(weights.feed_output),
        head=quantize_matrix(weights.head),
    )


def quantize_matrix(matrix: Matrix) -> Matrix:
    """Round each output row to whole multiples of its largest weight / 127."""
    layers, panels, _, lanes = matrix.values.shape
    largest = np.abs(matrix.values).max(2)  # (L, P, 16)
    # A row of zeros, such as one that only fills up a panel, may have any scale.
    scales = np.where(largest > 0, largest, 1).astype(np.float32) / np.float32(LARGEST)
    values = zeros(matrix.values.shape, np.int8)
    values[:] = np.rint(matrix.values / scales[:, :, None])
    return Matrix(values, scales.reshape(layers, panels * lanes))

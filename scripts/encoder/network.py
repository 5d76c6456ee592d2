"""The encoder in PyTorch: the same sums as `e5.c`, with gradients, and never other weights than 4 bits can hold.

Its weights come in 4 bits, so every one lies in the middle of its step; what training would add to it is smaller than the
step, and is lost when it is rounded again (measured: 88 % right before, 78 % after). So the steps themselves stay. What
is trained is the scale of each block of 32, the biases and norms, which are floats in the file, and some added inner
dimensions in every layer, which are rounded while they are trained.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from scripts.encoder.e5_file import BLOCK, Encoder, Floats, quantise

MOST_INNER = 2048
"""More inner dimensions than this `e5.c` has no room for."""

_LINEAR = {"q": "query", "k": "key", "v": "value", "ao": "attended", "fi": "inner", "fo": "outer"}


def rounded_to_4_bits(weight: Tensor) -> Tensor:
    """The values that remain of a weight once it is written as Q4_0 (`e5_file.quantise`)."""
    blocks = weight.reshape(-1, BLOCK)
    furthest = blocks.gather(1, blocks.abs().argmax(dim=1, keepdim=True))
    best, least = torch.zeros_like(blocks), torch.full_like(furthest, math.inf)
    for divisor in (-8.0, -8.5, -7.5):
        scale = (furthest / divisor).half().float()
        inverse = torch.where(scale != 0, 1 / scale, torch.zeros_like(scale))
        values = ((blocks * inverse).round() + 8).clamp(0, 15).sub(8) * scale
        error = ((values - blocks) ** 2).sum(dim=1, keepdim=True)
        best = torch.where(error < least, values, best)
        least = torch.minimum(error, least)
    return best.reshape(weight.shape)


class Linear(nn.Module):
    """A linear layer of the encoder: `steps` (-8 to 7) stay, the scale of each block of 32 is trained."""

    steps: Tensor
    scale: Tensor

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__()
        self.register_buffer("steps", torch.zeros(rows, columns // BLOCK, BLOCK, dtype=torch.bfloat16))
        self.register_buffer("scale", torch.zeros(rows, columns // BLOCK))
        self.change = nn.Parameter(torch.zeros(rows, columns // BLOCK))
        self.bias = nn.Parameter(torch.zeros(rows))

    def read(self, weight: Floats, bias: Floats) -> None:
        """Takes over a layer of a file."""
        scales, nibbles = quantise(weight)
        self.steps.copy_(torch.from_numpy(nibbles.astype(np.float32) - 8).view(self.steps.shape))
        self.scale.copy_(torch.from_numpy(scales.astype(np.float32)).view(self.scale.shape))
        self.bias.data.copy_(torch.from_numpy(bias))

    @torch.no_grad()
    def weight(self) -> Tensor:
        """The weight as the file will hold it."""
        scale = (self.scale * (1 + self.change)).half().float()
        return (self.steps.float() * scale[:, :, None]).flatten(1)

    def forward(self, inputs: Tensor) -> Tensor:
        scale = (self.scale * (1 + self.change)).to(self.steps.dtype)
        weight = (self.steps * scale[:, :, None]).flatten(1)
        return functional.linear(inputs.to(weight.dtype), weight, self.bias.to(weight.dtype))


class Added(nn.Linear):
    """A new linear layer, that computes with its weight as it is in 4 bits: `offset` is what rounding adds to it."""

    def __init__(self, columns: int, rows: int, bias: bool) -> None:
        super().__init__(columns, rows, bias)
        self.offset = torch.zeros_like(self.weight.data)

    @torch.no_grad()
    def round(self) -> None:
        """Works out the rounding of the weight as it is now."""
        self.offset = rounded_to_4_bits(self.weight) - self.weight

    def forward(self, inputs: Tensor) -> Tensor:
        return functional.linear(inputs, self.weight + self.offset, self.bias)


class Layer(nn.Module):
    def __init__(self, hidden: int, heads: int, inner: int, added: int, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query, self.key, self.value, self.attended = (Linear(hidden, hidden) for _ in range(4))
        self.inner, self.outer = Linear(hidden, inner), Linear(inner, hidden)
        self.added = added
        if added:
            self.more_inner, self.more_outer = Added(hidden, added, bias=True), Added(added, hidden, bias=False)
            nn.init.normal_(self.more_inner.weight, std=0.04)
            nn.init.zeros_(self.more_inner.bias)
            nn.init.zeros_(self.more_outer.weight)
        self.attended_norm = nn.LayerNorm(hidden, epsilon)
        self.outer_norm = nn.LayerNorm(hidden, epsilon)

    def dropped(self, states: Tensor) -> Tensor:
        """Some dimensions left out in training, the same ones for all pieces of a text (quicker than for each)."""
        if not self.training:
            return states
        kept = torch.rand(len(states), 1, states.shape[2]) >= self.dropout
        return states * (kept / (1 - self.dropout)).to(states.dtype)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        texts, length, hidden = inputs.shape

        def split(values: Tensor) -> Tensor:
            return values.view(texts, length, self.heads, hidden // self.heads).transpose(1, 2)

        # By hand: PyTorch's own kernel is several times slower in training on so many short texts.
        alike = split(self.query(inputs)) @ split(self.key(inputs)).transpose(2, 3) / math.sqrt(hidden // self.heads)
        seen = (alike + mask).softmax(dim=3).to(inputs.dtype) @ split(self.value(inputs))
        seen = self.attended(seen.transpose(1, 2).reshape(texts, length, hidden))
        middle = self.attended_norm(inputs + self.dropped(seen))
        outer = self.outer(functional.gelu(self.inner(middle)))
        if self.added:
            outer = outer + self.more_outer(functional.gelu(self.more_inner(middle)))
        result: Tensor = self.outer_norm(middle + self.dropped(outer))
        return result


class Network(nn.Module):
    """Texts, as numbers of pieces, to vectors of unit length."""

    def __init__(self, encoder: Encoder, added: int, dropout: float = 0.1) -> None:
        super().__init__()
        if encoder.inner + added > MOST_INNER or added % BLOCK:
            raise ValueError(f"at most {MOST_INNER - encoder.inner} inner dimensions can be added, in {BLOCK}s")
        self.pad = encoder.specials["pad"]
        self.words = nn.Embedding(len(encoder.tensors["emb.word"]), encoder.hidden)
        self.positions = nn.Embedding(encoder.positions, encoder.hidden)
        self.kind = nn.Parameter(torch.zeros(encoder.hidden))
        self.norm = nn.LayerNorm(encoder.hidden, encoder.epsilon)
        self.layers = nn.ModuleList(
            Layer(encoder.hidden, encoder.heads, encoder.inner, added, encoder.epsilon, dropout)
            for _ in range(encoder.layers)
        )
        self.words.requires_grad_(False)
        self.positions.requires_grad_(False)
        self.kind.requires_grad_(False)
        self._read(encoder)

    def forward(self, numbers: Tensor) -> Tensor:
        """One row for each row of `numbers`, which are filled up with `pad`."""
        there = numbers != self.pad
        states = self.words(numbers) + self.positions.weight[: numbers.shape[1]] + self.kind
        states = self.norm(states)
        mask = torch.where(there, 0.0, -1e4)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask)
        weights = there[:, :, None].float()
        mean = (states.float() * weights).sum(dim=1) / weights.sum(dim=1)
        return functional.normalize(mean, dim=1)

    def batch(self, texts: Sequence[Sequence[int]]) -> Tensor:
        """Rows of one length, filled up with `pad`."""
        width = max(map(len, texts))
        return torch.tensor([[*text, *[self.pad] * (width - len(text))] for text in texts])

    def round(self) -> None:
        """Rounds what was added to 4 bits, as its weights are now."""
        for module in self.modules():
            if isinstance(module, Added):
                module.round()

    @torch.no_grad()
    def _read(self, encoder: Encoder) -> None:
        tensors = encoder.tensors
        self.words.weight.copy_(torch.from_numpy(tensors["emb.word"]))
        self.positions.weight.copy_(torch.from_numpy(tensors["emb.pos"]).view(self.positions.weight.shape))
        self.kind.copy_(torch.from_numpy(tensors["emb.type"][: encoder.hidden]))
        for norm, name in self._norms():
            norm.weight.copy_(torch.from_numpy(tensors[f"{name}.w"]))
            norm.bias.copy_(torch.from_numpy(tensors[f"{name}.b"]))
        for number, layer in enumerate(self.layers):
            for short, name in _LINEAR.items():
                getattr(layer, name).read(tensors[f"l{number}.{short}.w"], tensors[f"l{number}.{short}.b"])

    def _norms(self) -> Iterator[tuple[nn.LayerNorm, str]]:
        yield self.norm, "emb.ln"
        for number, layer in enumerate(self.layers):
            yield layer.attended_norm, f"l{number}.aln"
            yield layer.outer_norm, f"l{number}.oln"

    @torch.no_grad()
    def written_to(self, encoder: Encoder) -> Encoder:
        """The encoder with the weights as they are now, in 4 bits; its inner dimensions are more than they were."""
        tensors = dict(encoder.tensors)
        for norm, name in self._norms():
            tensors[f"{name}.w"], tensors[f"{name}.b"] = norm.weight.numpy().copy(), norm.bias.numpy().copy()
        for number, layer in enumerate(self.layers):
            for short, name in _LINEAR.items():
                linear = getattr(layer, name)
                tensors[f"l{number}.{short}.w"] = linear.weight().numpy()
                tensors[f"l{number}.{short}.b"] = linear.bias.numpy().copy()
            if layer.added:
                more_inner = rounded_to_4_bits(layer.more_inner.weight).numpy()
                more_outer = rounded_to_4_bits(layer.more_outer.weight).numpy()
                tensors[f"l{number}.fi.w"] = np.concatenate([tensors[f"l{number}.fi.w"], more_inner])
                tensors[f"l{number}.fi.b"] = np.concatenate([tensors[f"l{number}.fi.b"], layer.more_inner.bias.numpy()])
                tensors[f"l{number}.fo.w"] = np.concatenate([tensors[f"l{number}.fo.w"], more_outer], axis=1)
        return replace(encoder, tensors=tensors, inner=encoder.inner + self.layers[0].added)

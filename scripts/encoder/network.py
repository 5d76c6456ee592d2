"""The encoder in PyTorch: the same sums as the file of `e5_file`, with gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from scripts.encoder.e5_file import Encoder

_LINEAR = {"q": "query", "k": "key", "v": "value", "ao": "attended", "fi": "inner", "fo": "outer"}


class Layer(nn.Module):
    def __init__(self, hidden: int, heads: int, inner: int, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query, self.key, self.value, self.attended = (nn.Linear(hidden, hidden) for _ in range(4))
        self.inner, self.outer = nn.Linear(hidden, inner), nn.Linear(inner, hidden)
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
        result: Tensor = self.outer_norm(middle + self.dropped(outer))
        return result


class Network(nn.Module):
    """Texts, as numbers of pieces, to vectors of unit length."""

    def __init__(self, encoder: Encoder, dropout: float = 0.1) -> None:
        super().__init__()
        self.pad = encoder.specials["pad"]
        self.words = nn.Embedding(len(encoder.tensors["emb.word"]), encoder.hidden)
        self.positions = nn.Embedding(encoder.positions, encoder.hidden)
        self.kind = nn.Parameter(torch.zeros(encoder.hidden))
        self.norm = nn.LayerNorm(encoder.hidden, encoder.epsilon)
        self.layers = nn.ModuleList(
            Layer(encoder.hidden, encoder.heads, encoder.inner, encoder.epsilon, dropout) for _ in range(encoder.layers)
        )
        self.words.requires_grad_(False)
        self.positions.requires_grad_(False)
        self.kind.requires_grad_(False)
        self._read(encoder)

    def forward(self, numbers: Tensor) -> Tensor:
        """One row for each row of `numbers`, which are filled up with `pad`."""
        weights = (numbers != self.pad)[:, :, None].float()
        mean = (self.states(numbers).float() * weights).sum(dim=1) / weights.sum(dim=1)
        return functional.normalize(mean, dim=1)

    def states(self, numbers: Tensor) -> Tensor:
        """As `forward`, but one row for each piece of each text."""
        there = numbers != self.pad
        states = self.words(numbers) + self.positions.weight[: numbers.shape[1]] + self.kind
        states = self.norm(states)
        mask = torch.where(there, 0.0, -1e4)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask)
        result: Tensor = states
        return result

    def batch(self, texts: Sequence[Sequence[int]]) -> Tensor:
        """Rows of one length, filled up with `pad`."""
        width = max(map(len, texts))
        return torch.tensor([[*text, *[self.pad] * (width - len(text))] for text in texts])

    def _norms(self) -> Iterator[tuple[nn.LayerNorm, str]]:
        yield self.norm, "emb.ln"
        for number, layer in enumerate(self.layers):
            yield layer.attended_norm, f"l{number}.aln"
            yield layer.outer_norm, f"l{number}.oln"

    def _trained(self) -> Iterator[tuple[nn.Parameter, str]]:
        """What training changes, with the name it has in a file."""
        linears = (
            (getattr(layer, name), f"l{number}.{short}")
            for number, layer in enumerate(self.layers)
            for short, name in _LINEAR.items()
        )
        for module, name in (*self._norms(), *linears):
            yield module.weight, f"{name}.w"
            yield module.bias, f"{name}.b"

    @torch.no_grad()
    def _read(self, encoder: Encoder) -> None:
        tensors = encoder.tensors
        self.words.weight.copy_(torch.from_numpy(tensors["emb.word"]))
        self.positions.weight.copy_(torch.from_numpy(tensors["emb.pos"]).view(self.positions.weight.shape))
        self.kind.copy_(torch.from_numpy(tensors["emb.type"][: encoder.hidden]))
        for parameter, name in self._trained():
            parameter.copy_(torch.from_numpy(tensors[name]))

    @torch.no_grad()
    def written_to(self, encoder: Encoder) -> Encoder:
        """The encoder with the weights as they are now."""
        trained = {name: parameter.numpy().copy() for parameter, name in self._trained()}
        return replace(encoder, tensors={**encoder.tensors, **trained})

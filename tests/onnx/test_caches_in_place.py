"""The network, as it is, writes steps of a decoder whose caches ONNX Runtime fills in place.

What a backend needs for that are keys and values of its own and an `attend` that knows them; here are the shortest.
Rows have lengths of their own and are padded on the right: no mask is needed.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tests import tiny

from formers.backends.onnx import ops
from formers.backends.onnx.graph import FLOAT, INT, MICROSOFT, Graph
from formers.backends.onnx.ops.attention import Heads
from formers.backends.onnx.parts import TOKENS, stack_constants, stored_base, stored_heads
from formers.backends.onnx.session import Session
from formers.backends.onnx.weights import Weights
from formers.backends.onnx.writing import GraphModel, Plan
from formers.network import model as network
from formers.network.caches import Cache, KeyValues
from formers.network.weights import head_weights

NAME = "GPT2LMHeadModel"
CAPACITY = 16
LENGTHS = np.dtype(np.int32)


class NewHeads(Heads):
    """New keys or values, to be put into a cache by the attention."""

    def __init__(self, heads, cache):
        super().__init__(heads.joined, heads.shape[-1])
        self.cache = cache


class InPlace(KeyValues):
    """Keys and values in buffers with room for more positions."""

    def __init__(self, graph, index, spec):
        shape = ("batch", spec.heads, "capacity", spec.head_size)
        self.graph = graph
        self.buffers = [graph.input(f"past.{kind}.{index}", FLOAT, shape) for kind in ("key", "value")]

    @property
    def length(self):
        return self.graph.inputs["past"]

    def append(self, key, value):
        return NewHeads(key, self), NewHeads(value, self)


def attend(query, key, value, bias, causal, scale, dropout):
    """Attend to the cache and the new keys, which are added to it."""
    assert causal and bias is None  # so that the operator may mask by itself, whatever the lengths of the rows
    graph, cache, joined = query.graph, key.cache, ops.join_heads(query)
    context, *cache.present = graph.nodes(
        "GroupQueryAttention", joined, key.joined, value.joined, *cache.buffers, graph.inputs["last"],
        graph.inputs["total"], dtype=FLOAT, shapes=(joined.shape, *(buffer.shape for buffer in cache.buffers)),
        domain=MICROSOFT, num_heads=query.shape[1], kv_num_heads=query.shape[1], scale=scale,
    )  # fmt: skip
    return Heads(context, query.shape[3])


class Decoder:
    """A decoder in steps."""

    def __init__(self, torch_model, rows):
        family = tiny.family_of(NAME)
        spec = family.architecture(torch_model.config)
        stack, task = spec.stack, next(public.task for public in family.public if public.name == NAME)
        base_task = next(public.task for public in family.public if public.task.heads is None)
        heads = task.heads(torch_model.config)
        base = stored_base(spec, family.names, f"{family.prefix}.")
        parts = [part for head in heads for part in head_weights(head, stack.hidden, stack.vocabulary, spec.init)]
        plan = Plan(
            spec, task, base_task, heads, base, stored_heads(parts, base[TOKENS]), stack_constants(stack), False
        )
        graph = Graph()
        inputs = {name: graph.input(name, INT, ("batch", "seq")) for name in ("input_ids", "position_ids")}
        graph.input("past", INT, ())
        graph.input("last", LENGTHS, ("batch",))
        graph.input("total", LENGTHS, ())
        cache = Cache(ops, 0)
        cache.self_attention = [
            InPlace(graph, index, layer.self_attention) for index, layer in enumerate(stack.layers)
        ]
        cache.cross_attention = [KeyValues(ops) for _ in stack.layers]
        model = GraphModel(plan, graph)
        model.ops = SimpleNamespace(**{**vars(ops), "attend": attend})
        output = network.run_heads(model, dict.fromkeys(task.inputs) | inputs | {"cache": cache})
        present = [tensor for layer in cache.self_attention for tensor in layer.present]
        self.names = [buffer.name for layer in cache.self_attention for buffer in layer.buffers]
        graph.outputs = {"logits": output.logits}
        graph.outputs |= {f"new {name}": tensor for name, tensor in zip(self.names, present, strict=True)}
        weights = Weights()
        weights.arrays = {name: value.detach().numpy() for name, value in torch_model.state_dict().items()}
        self.session = Session(graph, weights)
        spec = stack.layers[0].self_attention
        self.buffers = [np.zeros((rows, spec.heads, CAPACITY, spec.head_size), "float32") for _ in self.names]

    def step(self, ids, known):
        """The logits of new ids, where rows have `known` positions each."""
        length = ids.shape[1]
        logits, *self.buffers = self.session.run(
            {
                "input_ids": ids,
                "position_ids": known[:, None] + np.arange(length),
                "last": (known + length - 1).astype(LENGTHS),
                "total": np.asarray((known + length).max(), LENGTHS),
                **dict(zip(self.names, self.buffers, strict=True)),
            }
        )
        return logits


@pytest.fixture(scope="module")
def torch_model():
    return tiny.make(NAME, n_embd=32, n_head=4)  # the operator wants heads of a multiple of 8


def expected(torch_model, ids):
    with torch.no_grad():
        return torch_model(torch.from_numpy(ids))[0].numpy()


def test_steps(torch_model):
    ids = tiny.ids(2, 10).astype("int64")
    decoder = Decoder(torch_model, 2)
    got = [decoder.step(ids[:, :7], np.zeros(2, int))]
    got += [decoder.step(ids[:, at : at + 1], np.full(2, at)) for at in range(7, 10)]
    np.testing.assert_allclose(np.concatenate(got, 1), expected(torch_model, ids), rtol=1e-5, atol=1e-5)


def test_rows_of_different_lengths(torch_model):
    ids = tiny.ids(2, 8).astype("int64")
    decoder, known = Decoder(torch_model, 2), np.array([6, 3])
    padded = np.where(np.arange(6) < known[:, None], ids[:, :6], 0)
    decoder.step(padded, np.zeros(2, int))
    for _ in range(2):
        new = ids[np.arange(2), known][:, None]
        logits = decoder.step(new, known)
        known = known + 1
        for row in range(2):
            alone = expected(torch_model, ids[row : row + 1, : known[row]])[0, -1]
            np.testing.assert_allclose(logits[row, 0], alone, rtol=1e-5, atol=1e-5)

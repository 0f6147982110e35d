"""Operations on symbols give what NumPy gives, and the shapes that they promise."""

import numpy as np
import onnx
import pytest

from formers.backends.onnx import ops
from formers.backends.onnx.graph import FLOAT, INT, Graph
from formers.backends.onnx.serializing import serialize
from formers.backends.onnx.session import Session
from formers.backends.onnx.weights import Weights

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(2, 5, 6)).astype("float32"), RNG.normal(size=(5, 1)).astype("float32")
IDS = RNG.integers(0, 9, (2, 5))
HEADS = RNG.normal(size=(2, 3, 5, 4)).astype("float32")


def compute(function, *arrays, known=()):
    """The result of a function of symbols. Axes have names, except where `known` says."""
    graph = Graph()
    symbols = []
    for place, array in enumerate(arrays):
        dims = tuple(size if axis in known else f"axis{size}" for axis, size in enumerate(array.shape))
        symbols.append(graph.input(f"x{place}", array.dtype, dims))
    results = function(*symbols)
    results = results if isinstance(results, tuple | list) else (results,)
    graph.outputs = {f"y{place}": result for place, result in enumerate(results)}
    onnx.checker.check_model(serialize(graph))
    values = Session(graph, Weights()).run({f"x{place}": array for place, array in enumerate(arrays)})
    for symbol, value in zip(results, values, strict=True):
        assert symbol.dtype == value.dtype and symbol.rank == value.ndim
        for dim, size in zip(symbol.shape, value.shape, strict=True):
            if isinstance(dim, int) or dim.removeprefix("axis").isdigit():  # else it promises nothing
                assert str(dim).removeprefix("axis") == str(size)
    return values if len(values) > 1 else values[0]


@pytest.mark.parametrize("known", [(), (0, 1, 2)])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + 1, lambda x: 1 + x, lambda x: x - 0.5, lambda x: 2 - x, lambda x: x * 3, lambda x: 0.5 * x,
        lambda x: x / 4, lambda x: -x, lambda x: x + x * x, lambda x: x + 0, lambda x: x * 1,
        lambda x: x == x, lambda x: x != 0.5, lambda x: x < 0, lambda x: x <= x, lambda x: x > 0.1, lambda x: x >= 0,
        lambda x: x[:, 0], lambda x: x[:, -1], lambda x: x[0, 1], lambda x: x[:, :1], lambda x: x[:, -1:],
        lambda x: x[:, :-1], lambda x: x[:, 2:], lambda x: x[:, 1:3, 2:], lambda x: x[:, None], lambda x: x[None, :, 1],
        lambda x: x[:, None, :, None, :2], lambda x: x[:, :, :1], lambda x: x[1],
    ],
)  # fmt: skip
def test_operators(function, known):
    np.testing.assert_allclose(compute(function, X, known=known), function(X), rtol=1e-6)


def test_two_tensors_and_types():
    np.testing.assert_array_equal(compute(lambda x, y: x + y, X, Y), X + Y)
    np.testing.assert_array_equal(compute(lambda x, ids: x[:, :, 0] * ids, X, IDS), (X[:, :, 0] * IDS).astype("f4"))
    np.testing.assert_array_equal(compute(lambda ids: ids * 2 - 1, IDS), IDS * 2 - 1)
    np.testing.assert_array_equal(compute(lambda ids: (ids == 3) * 5, IDS), (IDS == 3) * 5)
    np.testing.assert_array_equal(compute(lambda ids: 1.0 - ids, IDS), (1.0 - IDS).astype("f4"))


def test_equal_operations_are_one_node():
    graph = Graph()
    x = graph.input("x", FLOAT, ("batch", 3))
    assert (x + 1.0).name == (x + 1.0).name and (x + 1.0).name != (x + 2.0).name
    assert x[:, 0].name == x[:, 0].name


def test_what_is_not_needed_is_not_there():
    graph = Graph()
    x, unused = graph.input("x", FLOAT, ("batch", 3)), graph.input("unused", FLOAT, ("batch", 3))
    graph.weight("forgotten", (3,))
    unused * graph.weight("idle", (3,))
    graph.outputs = {"y": x + graph.weight("used", (3,))}
    assert graph.used_inputs() == ["x"] and graph.used_weights() == ["used"]
    model = onnx.ModelProto.FromString(serialize(graph))
    assert [node.op_type for node in model.graph.node] == ["Add", "Identity"]


def test_python_cannot_look_at_values():
    x = Graph().input("x", FLOAT, ("batch", 3))
    with pytest.raises(TypeError, match="has no value while the graph is written"):
        bool(x == 0)
    with pytest.raises(TypeError, match="not iterable"):
        list(x)
    with pytest.raises(TypeError, match="cannot be indexed with slice"):
        x[::2]
    with pytest.raises(IndexError, match="has 2 axes and is indexed on 3"):
        x[0, 0, 0]
    with pytest.raises(ValueError, match="do not fit together"):
        x + Graph.constant(x.graph, np.zeros(4, "f4"))


def test_sizes():
    assert compute(lambda x: ops.reshape(ops.arange(ops.size(x, 1), x), (-1,)), X).tolist() == [0, 1, 2, 3, 4]
    assert compute(lambda x: x[:, : ops.size(x, 0)], X).shape == (2, 2, 6)
    assert compute(lambda x: x[:, ops.size(x, 0) :], X).shape == (2, 3, 6)
    assert compute(lambda x: ops.ones(x, ops.size(x, 1) + 2), X).tolist() == [[1] * 7] * 2
    graph = Graph()
    x = graph.input("x", INT, ("batch", 3))
    assert ops.size(x, 1) == 3 and ops.size(x, 0) is ops.size(x * 2, 0)
    assert ops.is_known(3, 3) and not ops.is_known(ops.size(x, 0), 1) and not ops.is_known(2, 3)


@pytest.mark.parametrize("known", [(), (0, 1, 2)])
def test_arrays(known):
    def same(function, expected, *arrays):
        np.testing.assert_allclose(compute(function, *arrays, known=known), expected, rtol=1e-5, atol=1e-6)

    same(lambda x: ops.reshape(x, (-1, 6)), X.reshape(-1, 6), X)
    same(lambda x: ops.reshape(x, (ops.size(x, 0), -1)), X.reshape(2, -1), X)
    same(lambda x: ops.concat([x, x], 1), np.concatenate([X, X], 1), X)
    same(lambda x: ops.stack([x, x + 1], 0), np.stack([X, X + 1]), X)
    same(lambda x: ops.repeat(x, 3), np.repeat(X, 3, 0), X)
    same(lambda x: ops.mean(x, 1), X.mean(1), X)
    same(lambda x: ops.sum(x, 1), IDS.sum(1), IDS)
    same(ops.cumsum, IDS.cumsum(1), IDS)
    same(lambda x: ops.clip(x, 2, None), np.maximum(IDS, 2), IDS)
    same(lambda x: ops.clip(x, None, 3), np.minimum(IDS, 3), IDS)
    same(lambda x: ops.where(x == 3, x * 0 - 1, x), np.where(IDS == 3, -1, IDS), IDS)
    same(lambda x: ops.where(x > 3, 1.5, -np.inf), np.where(IDS > 3, 1.5, -np.inf), IDS)
    same(ops.as_ids, (IDS > 3).astype(int), IDS > 3)
    same(lambda x, rows: ops.take(x, rows), X[[1, 1, 0]], X, np.array([1, 1, 0]))
    same(ops.take_along_axis, np.take_along_axis(IDS, IDS % 5, 1), IDS, IDS % 5)
    same(ops.take_position, X[[0, 1], [4, 2]], X, np.array([4, 2]))
    same(lambda x: ops.matmul(x, ops.matrix_transpose(x)), X @ X.transpose(0, 2, 1), X)
    same(lambda x: ops.last_index(x, 3, None), [2, 4], np.array([[3, 1, 3, 0, 1], [0, 3, 3, 0, 3]]))
    same(lambda x: ops.pad_to_multiple(x, 4, 7), np.pad(IDS, ((0, 0), (0, 3)), constant_values=7), IDS)
    same(lambda x: ops.pad_to_multiple(x, 5, 7), IDS, IDS)


def test_last_axis():
    parts = compute(ops.unstack_last, X[..., :2], known=(2,))
    np.testing.assert_array_equal(np.stack(parts, -1), X[..., :2])


def reference(query, key, value, bias, scale):
    scores = query @ key.transpose(0, 1, 3, 2) * scale + bias
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True) @ value


@pytest.mark.parametrize("queries", [5, 1, 2])
@pytest.mark.parametrize("rows", ["none", "one", "each"])
@pytest.mark.parametrize("causal", [False, True])
def test_attention(queries, rows, causal):
    """The fused operator and the explicit steps agree with the formula, with biases of every shape."""
    joined = HEADS.transpose(0, 2, 1, 3).reshape(2, 5, 12)
    bias = {"none": None, "one": RNG.normal(size=(2, 1, 1, 5)), "each": RNG.normal(size=(1, 3, queries, 5))}[rows]
    later = np.where(np.arange(5) > np.arange(queries)[:, None] + 5 - queries, -np.inf, 0) if causal else 0
    expected = reference(HEADS[:, :, :queries], HEADS, HEADS, later + (0 if bias is None else bias), 0.3)

    def fused(x, *biases):
        heads = ops.split_heads(x, 4)
        return ops.attend(heads[:, :, :queries], heads, heads, biases[0] if biases else None, causal, 0.3, None)

    def explicit(x, *biases):
        heads = ops.split_heads(x, 4)
        scores = ops.matmul(heads[:, :, :queries] * 0.3, ops.matrix_transpose(heads))
        scores = ops.mask_later_keys(scores) if causal else scores
        return ops.matmul(ops.attention_softmax(scores + biases[0] if biases else scores), heads)

    arrays = [joined] if bias is None else [joined, bias.astype("float32")]
    for function in (fused, explicit):
        graph = Graph()
        symbols = [
            graph.input(f"x{place}", FLOAT, tuple(f"axis{n}" if n in (2, 5) else n for n in array.shape))
            for place, array in enumerate(arrays)
        ]
        graph.outputs = {"y": function(*symbols), "joined": ops.join_heads(function(*symbols))}
        got, side_by_side = Session(graph, Weights()).run({f"x{place}": a for place, a in enumerate(arrays)})
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(side_by_side, got.transpose(0, 2, 1, 3).reshape(2, queries, 12))


def test_joined_projections():
    joined = RNG.normal(size=(2, 5, 36)).astype("float32")
    parts = compute(lambda x: ops.split_projections(x, 4), joined, known=(2,))
    for part, expected in zip(parts, np.split(joined, 3, -1), strict=True):
        np.testing.assert_array_equal(part, expected.reshape(2, 5, 3, 4).transpose(0, 2, 1, 3))


def test_masks():
    visible = np.array([[1, 0, 1]])
    assert compute(lambda x: ops.additive_bias(x, -1e4, None), visible).tolist() == [[0, -1e4, 0]]
    assert compute(lambda x: ops.infinite_bias(x, None), visible).tolist() == [[0, -np.inf, 0]]
    size = np.zeros((2, 4), "int64")
    got = compute(lambda x: ops.causal_mask(ops.size(x, 0), ops.size(x, 1), 1, x), size)
    assert got.tolist() == [[[1, 1, 0, 0], [1, 1, 1, 0]]]

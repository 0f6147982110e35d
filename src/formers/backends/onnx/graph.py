"""A graph of ONNX operators that grows while the network computes, and its tensors.

A `Symbol` is a tensor without values: it knows its type, its rank, and of each axis the length, or a name where that
is known only when the graph runs. Python's operators on symbols write nodes.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

OPSET, IR_VERSION = 20, 10
"""Versions of the operators and of the file format; ONNX Runtime knows both since 1.18."""
MICROSOFT = "com.microsoft"
"""Domain of the operators that ONNX Runtime has beyond the standard."""
FLOAT, INT, BOOL = np.dtype(np.float32), np.dtype(np.int64), np.dtype(np.bool_)
LARGEST = 2**63 - 1

Dim = int | str
Shape = tuple[Dim, ...]


class Graph:
    """A graph that is being written.

    Equal operations on equal inputs are one node, so that what all layers need alike is computed once.
    """

    def __init__(self) -> None:
        self.inputs: dict[str, Symbol] = {}
        self.outputs: dict[str, Symbol] = {}
        self.absent: frozenset[str] = frozenset()
        """Names of documented outputs that this graph does not compute."""
        self.rows: dict[str, int] = {}
        """Name of an input of ids -> the number of ids that the model knows."""
        self.limits: dict[str, int] = {}
        """Name of an axis of an input -> the greatest length of it."""
        self.padded: dict[str, tuple[str, int]] = {}
        """Name of an axis -> that which was padded, and the number whose multiple its length became."""
        self._nodes: list[Node] = []
        self._made: dict[Any, tuple[Symbol, ...]] = {}
        self.constants: dict[str, np.ndarray] = {}
        """Name of a tensor whose values stand in the graph -> the values."""
        self._known: dict[Any, Symbol] = {}
        self.weights: dict[str, tuple[int, ...]] = {}
        """Name of a weight -> its shape."""
        self._sizes: dict[str, Symbol] = {}
        self._dims: dict[str, Dim] = {}
        self._count = 0

    # --- where tensors come from --------------------------------------------------------------------------------------

    def input(self, name: str, dtype: np.dtype, shape: Shape) -> Symbol:
        """Declare an input."""
        return self.inputs.setdefault(name, Symbol(self, name, dtype, shape))

    def weight(self, name: str, shape: Sequence[int]) -> Symbol:
        """Declare a weight, whose values are given beside the graph when it is run."""
        self.weights[name] = tuple(shape)
        return Symbol(self, name, FLOAT, self.weights[name])

    def constant(self, value: Any, dtype: np.dtype | None = None) -> Symbol:
        """Return a tensor whose values stand in the graph.

        Args:
            value: a number, a list of numbers or a NumPy array.
            dtype: its type; that of the array by default.
        """
        array = np.ascontiguousarray(value, dtype).reshape(np.shape(value))
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            name = f"constant.{len(self.constants)}"
            self.constants[name] = array
            self._known[key] = Symbol(self, name, array.dtype, array.shape)
        return self._known[key]

    def node(
        self, operator: str, *inputs: Symbol | None, dtype: np.dtype, shape: Shape, domain: str = "", **attributes: Any
    ) -> Symbol:
        """Write a node with one output.

        Args:
            operator: its kind.
            *inputs: its inputs; None for those that are left out.
            dtype, shape: of the output.
            domain: whose operator it is; empty for the standard's.
            **attributes: its attributes.
        """
        return self.nodes(operator, *inputs, dtype=dtype, shapes=(shape,), domain=domain, **attributes)[0]

    def nodes(
        self,
        operator: str,
        *inputs: Symbol | None,
        dtype: np.dtype,
        shapes: Sequence[Shape],
        domain: str = "",
        **attributes: Any,
    ) -> tuple[Symbol, ...]:
        """Write a node with several outputs, one for each of the shapes; see `node`."""
        names = tuple("" if symbol is None else symbol.name for symbol in inputs)
        key = (domain, operator, names, len(shapes), repr(sorted(attributes.items())))
        if key not in self._made:
            outputs = []
            for shape in shapes:
                outputs.append(Symbol(self, f"t{self._count}", dtype, shape))
                self._count += 1
            self._made[key] = tuple(outputs)
            self._nodes.append(Node(operator, names, tuple(s.name for s in outputs), domain, attributes))
        return self._made[key]

    # --- axes whose length is known only when the graph runs ----------------------------------------------------------

    def fresh_dim(self) -> str:
        """Return the name of an axis of which nothing is known."""
        self._count += 1
        return f"d{self._count}"

    def size(self, symbol: Symbol, axis: int) -> int | Symbol:
        """Return the length of an axis: a number, or a scalar of the graph."""
        dim = symbol.shape[axis]
        if isinstance(dim, int):
            return dim
        if dim not in self._sizes:
            at = axis % symbol.rank
            vector = self.node("Shape", symbol, dtype=INT, shape=(1,), start=at, end=at + 1)
            scalar = self.node("Squeeze", vector, dtype=INT, shape=())
            self._sizes[dim], self._dims[scalar.name] = scalar, dim
        return self._sizes[dim]

    def dim(self, size: int | Symbol) -> Dim:
        """Return the axis of which `size` is the length, as far as that is known."""
        return size if isinstance(size, int) else self._dims.get(size.name) or self.fresh_dim()

    def limit(self, size: Symbol, known: int) -> None:
        """Note the greatest length of an axis, for checks before a call.

        Raises:
            ValueError: it is not an axis of an input.
        """
        dim = self._dims.get(size.name, "")
        if dim in self.padded:
            dim, multiple = self.padded[dim]
            known -= known % multiple
        if not any(dim in given.shape for given in self.inputs.values()):
            raise ValueError(f"the length {size!r} follows from no axis of an input alone: nothing can check it")
        self.limits[str(dim)] = min(known, self.limits.get(str(dim), known))

    def broadcast(self, *shapes: Shape) -> Shape:
        """Return the shape of an elementwise result."""
        rank = max(len(shape) for shape in shapes)
        result: list[Dim] = []
        for axis in range(-rank, 0):
            dims = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
            numbers = [dim for dim in dims if isinstance(dim, int)]
            if len(dims) < 2:
                result.append(next(iter(dims), 1))
            elif len(numbers) > 1:
                raise ValueError(f"tensors of the shapes {', '.join(map(str, shapes))} do not fit together")
            else:
                result.append(numbers[0] if numbers else self.fresh_dim())
        return tuple(result)

    # --- the finished graph -------------------------------------------------------------------------------------------

    def used_weights(self) -> list[str]:
        """Return the names of the weights that the outputs depend on."""
        needed = self.needed()[1]
        return [name for name in self.weights if name in needed]

    def used_inputs(self) -> list[str]:
        """Return the names of the inputs that the outputs depend on."""
        needed = self.needed()[1]
        return [name for name in self.inputs if name in needed]

    def needed(self) -> tuple[list[Node], set[str]]:
        """Return the nodes that the outputs depend on, in order, and the names of all tensors that they read."""
        needed = {symbol.name for symbol in self.outputs.values()}
        nodes = []
        for node in reversed(self._nodes):
            if needed.intersection(node.outputs):
                nodes.append(node)
                needed.update(node.inputs)
        return nodes[::-1], needed


class Node:
    """One operation.

    Args:
        operator: its kind.
        inputs, outputs: names of tensors; empty for inputs that are left out.
        domain: whose operator it is.
        attributes: its attributes.
    """

    __slots__ = ("attributes", "domain", "inputs", "operator", "outputs")

    def __init__(
        self,
        operator: str,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        domain: str,
        attributes: Mapping[str, Any],
    ):
        self.operator, self.inputs, self.outputs = operator, inputs, outputs
        self.domain, self.attributes = domain, attributes


class Symbol:
    """A tensor of a graph.

    Args:
        graph: the graph.
        name: its name there.
        dtype: the type of its values: float32, int64 or bool.
        shape: of each axis the length, or a name where that is known only when the graph runs.
    """

    # Comparisons write nodes, so symbols are told from each other by being the same object.
    __hash__ = object.__hash__
    __iter__ = None

    def __init__(self, graph: Graph, name: str, dtype: np.dtype, shape: Shape):
        self.graph, self._name, self.dtype, self.shape = graph, name, dtype, shape

    @property
    def name(self) -> str:
        """Its name in the graph."""
        return self._name

    @property
    def rank(self) -> int:
        """Number of its axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"Symbol({self._name}, {self.dtype}, {list(self.shape)})"

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self!r} has no value while the graph is written: a decision on values belongs into an operation"
        )

    def cast(self, dtype: np.dtype) -> Symbol:
        """Return the same values as another type."""
        if dtype == self.dtype:
            return self
        from onnx import helper

        return self.graph.node(
            "Cast", self, dtype=dtype, shape=self.shape, to=int(helper.np_dtype_to_tensor_dtype(dtype))
        )

    # --- arithmetic ---------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Symbol:
        return self if _is_number(other, 0) else self._arithmetic("Add", self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Symbol:
        return self if _is_number(other, 0) else self._arithmetic("Sub", self, other)

    def __rsub__(self, other: Any) -> Symbol:
        return self._arithmetic("Sub", other, self)

    def __mul__(self, other: Any) -> Symbol:
        return self if _is_number(other, 1) else self._arithmetic("Mul", self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Symbol:
        return self._arithmetic("Div", self.cast(FLOAT), other)

    def __neg__(self) -> Symbol:
        return self.graph.node("Neg", self, dtype=self.dtype, shape=self.shape)

    def __eq__(self, other: object) -> Any:
        return self._compare("Equal", other)

    def __ne__(self, other: object) -> Any:
        equal = self._compare("Equal", other)
        return self.graph.node("Not", equal, dtype=BOOL, shape=equal.shape)

    def __lt__(self, other: Any) -> Symbol:
        return self._compare("Less", other)

    def __le__(self, other: Any) -> Symbol:
        return self._compare("LessOrEqual", other)

    def __gt__(self, other: Any) -> Symbol:
        return self._compare("Greater", other)

    def __ge__(self, other: Any) -> Symbol:
        return self._compare("GreaterOrEqual", other)

    def _arithmetic(self, operator: str, x: Any, y: Any) -> Symbol:
        x, y = alike(self.graph, x, y)
        return self.graph.node(operator, x, y, dtype=x.dtype, shape=self.graph.broadcast(x.shape, y.shape))

    def _compare(self, operator: str, other: Any) -> Symbol:
        x, y = alike(self.graph, self, other)
        return self.graph.node(operator, x, y, dtype=BOOL, shape=self.graph.broadcast(x.shape, y.shape))

    # --- parts of it --------------------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Symbol:
        """Return a part: slices without steps, indices, and None for new axes, as in NumPy."""
        entries = key if isinstance(key, tuple) else (key,)
        bounds: list[tuple[int, slice]] = []
        picked: list[tuple[int, int]] = []
        new: list[int] = []
        axis = place = 0
        for entry in entries:
            if entry is None:
                new.append(place)
                place += 1
                continue
            if isinstance(entry, int):
                picked.append((axis, entry))
            elif isinstance(entry, slice) and entry.step is None:
                if entry.start is not None or entry.stop is not None:
                    bounds.append((axis, entry))
                place += 1
            else:
                raise TypeError(f"{self!r} cannot be indexed with {entry!r}: expected slices, whole numbers and None")
            axis += 1
        if axis > self.rank:
            raise IndexError(f"{self!r} has {self.rank} axes and is indexed on {axis}")
        result = self._slice(bounds) if bounds else self
        for axis, index in reversed(picked):
            shape = result.shape[:axis] + result.shape[axis + 1 :]
            at = self.graph.constant(index, INT)
            result = self.graph.node("Gather", result, at, dtype=self.dtype, shape=shape, axis=axis)
        if new:
            widened = list(result.shape)
            for place in new:
                widened.insert(place, 1)
            axes = self.graph.constant(new, INT)
            result = self.graph.node("Unsqueeze", result, axes, dtype=self.dtype, shape=tuple(widened))
        return result

    def _slice(self, bounds: Iterable[tuple[int, slice]]) -> Symbol:
        graph, shape = self.graph, list(self.shape)
        axes, starts, stops = [], [], []
        for axis, part in bounds:
            start = 0 if part.start is None else part.start
            stop = LARGEST if part.stop is None else part.stop
            shape[axis] = self._length(shape[axis], start, stop)
            axes.append(axis)
            starts.append(start)
            stops.append(stop)
        given = [self, vector(graph, starts), vector(graph, stops), vector(graph, axes)]
        return graph.node("Slice", *given, dtype=self.dtype, shape=tuple(shape))

    def _length(self, dim: Dim, start: Any, stop: Any) -> Dim:
        """Return the length of a slice of an axis. No axis is empty."""
        if isinstance(start, int) and isinstance(stop, int):
            if isinstance(dim, int):
                return len(range(*slice(start, stop).indices(dim)))
            if (start, stop) in ((0, 1), (-1, LARGEST)):
                return 1
        elif isinstance(start, int) and start == 0:
            return self.graph.dim(stop)
        return self.graph.fresh_dim()


def vector(graph: Graph, values: Iterable[Any]) -> Symbol:
    """Return whole numbers, or scalars of the graph, as a vector."""
    values = list(values)
    if all(isinstance(value, int) for value in values):
        return graph.constant(values, INT)
    first = graph.constant([0], INT)
    pieces = [
        graph.constant([value], INT)
        if isinstance(value, int)
        else graph.node("Unsqueeze", value, first, dtype=INT, shape=(1,))
        for value in values
    ]
    return pieces[0] if len(pieces) == 1 else graph.node("Concat", *pieces, dtype=INT, shape=(len(pieces),), axis=0)


def alike(graph: Graph, x: Any, y: Any) -> tuple[Symbol, Symbol]:
    """Return both as symbols of one type: numbers take the type of the other, and float32 wins over whole numbers."""
    kinds = [value.dtype if isinstance(value, Symbol) else np.asarray(value).dtype for value in (x, y)]
    dtype = FLOAT if any(kind.kind == "f" for kind in kinds) else INT
    one, other = (
        value.cast(dtype) if isinstance(value, Symbol) else graph.constant(value, dtype) for value in (x, y)
    )
    return one, other


def _is_number(value: Any, wanted: int) -> bool:
    return isinstance(value, int | float) and value == wanted

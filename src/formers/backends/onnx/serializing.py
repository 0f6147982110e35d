"""A finished graph as an ONNX model."""
from collections.abc import Mapping
from typing import Any

from formers.checkpoint.base import Place

from .graph import IR_VERSION, MICROSOFT, OPSET, Graph, Symbol


def serialize(graph: Graph, ranges: Mapping[str, Place] | None = None) -> bytes:
    """Return a graph as an ONNX model; its weights are external data.

    Args:
        graph: the graph.
        ranges: where weights are, by name; those of the others are given when the graph is run.
    """
    from onnx import TensorProto, helper, numpy_helper

    nodes, needed = graph.needed()
    protos = [
        # ONNX Runtime names some nodes that it makes after those that it replaces.
        helper.make_node(
            node.operator, node.inputs, node.outputs, node.outputs[0], domain=node.domain, **node.attributes
        )
        for node in nodes
    ]
    # An output has a node and a name of its own, even where it is another output, an input or a weight as well.
    protos += [helper.make_node("Identity", [symbol.name], [name]) for name, symbol in graph.outputs.items()]
    constants = [
        numpy_helper.from_array(value, name) for name, value in graph.constants.items() if name in needed
    ]
    weights = []
    for name in graph.used_weights():
        weight = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=graph.weights[name])
        weight.data_location = TensorProto.EXTERNAL
        place = None if ranges is None else ranges.get(name)
        if place is None:
            weight.external_data.add(key="location", value="weights")
        else:
            weight.external_data.add(key="location", value=place.path.name)
            weight.external_data.add(key="offset", value=str(place.offset))
            weight.external_data.add(key="length", value=str(place.size))
        weights.append(weight)

    def declared(name: str, symbol: Symbol) -> Any:
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(symbol.dtype), symbol.shape)

    made = helper.make_graph(
        protos,
        "formers",
        [declared(name, graph.inputs[name]) for name in graph.used_inputs()],
        [declared(name, symbol) for name, symbol in graph.outputs.items()],
        [*constants, *weights],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=IR_VERSION).SerializeToString()

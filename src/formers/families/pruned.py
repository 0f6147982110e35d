"""The heads that a configuration says are gone."""
from collections.abc import Iterable, Mapping


def pruned_heads(heads: Mapping[int, Iterable[int]], layer: int, layers: int) -> set[int]:
    """Return the heads of a layer that are gone.

    Args:
        heads: `pruned_heads` of a configuration: index of a layer, from the end if negative -> indices of its heads.
        layer: index of the layer.
        layers: number of layers.

    Raises:
        IndexError: a layer is named that is not there.
    """
    for index in heads:
        if not -layers <= int(index) < layers:
            raise IndexError(
                f"pruned_heads of the configuration name layer {index}: there are layers 0 to {layers - 1}"
            )
    return {head for index, gone in heads.items() if int(index) in (layer, layer - layers) for head in gone}

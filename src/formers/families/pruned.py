"""The heads that a configuration says are gone."""
from collections.abc import Iterable, Mapping


def pruned_heads(heads: Mapping[int, Iterable[int]], layer: int, layers: int) -> set[int]:
    """Return the heads of a layer that are gone.

    Args:
        heads: `pruned_heads` of a configuration: index of a layer, from the end if negative -> indices of its heads.
        layer: index of the layer.
        layers: number of layers.
    """
    return {head for index, gone in heads.items() if int(index) in (layer, layer - layers) for head in gone}

"""Values that follow from a spec alone: computed once, and brought to the device where they are used."""

import torch
from torch import Tensor

from formers.architecture import Embeddings, Sinusoid, Stack
from formers.architecture.buckets import bucket_of_distance
from formers.architecture.sinusoids import sinusoids


class Constant:
    """A tensor that is neither a parameter nor a buffer.

    Args:
        value: the tensor, on the CPU.
    """

    def __init__(self, value: Tensor):
        self.value = self._used = value

    def __len__(self) -> int:
        return len(self.value)

    def on(self, device: torch.device, dtype: torch.dtype | None = None) -> Tensor:
        """Return it on a device, of a type; the last result is kept."""
        wanted = self.value.dtype if dtype is None else dtype
        if self._used.device != device or self._used.dtype != wanted:
            used = self.value.to(device, wanted)
            if type(used) is not Tensor or torch.compiler.is_compiling():
                return used
            self._used = used
        return self._used


def embeddings_constants(embeddings: Embeddings) -> dict[str, Constant]:
    """Compute the constants of embeddings, by the network's names."""
    positions = embeddings.positions
    if not isinstance(positions, Sinusoid) or positions.stored:
        return {}
    table = torch.from_numpy(sinusoids(positions.size, embeddings.tokens.size, positions.layout))
    return {"positions": Constant(table.to("cpu", torch.get_default_dtype()))}


def stack_constants(stack: Stack) -> dict[str, Constant]:
    """Compute the constants of a stack, by the network's names."""
    found = {f"embeddings.{name}": constant for name, constant in embeddings_constants(stack.embeddings).items()}
    for name, bias in (("position_bias", stack.position_bias), ("cross_position_bias", stack.cross_position_bias)):
        if bias is not None:
            found[f"{name}.buckets"] = Constant(torch.from_numpy(bucket_of_distance(bias)))
    return found

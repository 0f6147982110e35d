"""`generate()` of PyTorch models: what it needs of this backend."""
from typing import Any, ClassVar

from torch import Tensor, nn

from formers.generation.mixin import Generation
from formers.generation.rules import filter_scores
from formers.network import model as network

from . import ops
from .caches import FixedCache
from .containers import Container, is_plain


def top_k_top_p_filtering(
    logits: Tensor, top_k: int = 0, top_p: float = 1.0, filter_value: float = -float("Inf"), min_tokens_to_keep: int = 1
) -> Tensor:
    """Keep the most likely tokens (Holtzman et al., 2019).

    Args:
        logits: *Shape:* `[batch, vocabulary]`.
        top_k: keep this many; 0 for all.
        top_p: keep the smallest set of the most likely tokens whose probability exceeds this; 1.0 for all.
        filter_value: the logits of the others.
        min_tokens_to_keep: keep this many in any case.

    Returns:
        *Shape:* `[batch, vocabulary]`.
    """
    return filter_scores(ops, logits, top_k, top_p, filter_value, min_tokens_to_keep)


def _is_as_made(model: nn.Module) -> bool:
    """Tell whether the documented modules in a model are as the library made them."""
    ours = ("torch.", "formers.")
    return all(
        is_plain(module) if isinstance(module, Container) else type(module).__module__.startswith(ours)
        for module in model.modules()
    )


class GenerationMixin(Generation[Tensor]):
    """Text generation for PyTorch models."""

    generation_ops: ClassVar[Any] = ops

    def prepare_inputs_for_generation(self, input_ids: Tensor, **kwargs: Any) -> dict[str, Any]:
        """Inputs of a generation step. *Shape:* `[batch, seq]`."""
        return {"input_ids": input_ids}

    @staticmethod
    def _reorder_cache(past: Any, beam_idx: Tensor) -> Any:
        return tuple(layer.index_select(1, beam_idx) for layer in past)

    def _new_cache(self: Any, capacity: int) -> FixedCache | None:
        base = self.base_model
        if base.spec.decoding.memory is None and not _is_as_made(base):
            return None  # documented layers of such models take no earlier keys and values
        return FixedCache(base.cache_layers(), capacity)

    def _score(self: Any, inputs: dict[str, Any]) -> Tensor:
        flags = {"output_attentions": False, "output_hidden_states": False}
        return network.run_heads(self, dict.fromkeys(self.task.inputs) | flags | inputs)[0]

"""`generate()` of Keras models: what it needs of this backend."""
from typing import Any, ClassVar

from keras import ops as kops

from formers.generation.mixin import Generation
from formers.generation.rules import filter_scores
from formers.network import model as network
from formers.network.caches import Cache

from . import ops
from .compiled import CompiledSteps, fill_empty
from .running import Running


def tf_top_k_top_p_filtering(
    logits: Any, top_k: int = 0, top_p: float = 1.0, filter_value: float = -float("Inf"), min_tokens_to_keep: int = 1
) -> Any:
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
    return filter_scores(ops, kops.convert_to_tensor(logits), top_k, top_p, filter_value, min_tokens_to_keep)


class TFGenerationMixin(Generation[Any]):
    """Text generation for Keras models; beam search penalizes repetition as documented for them, before the softmax."""

    generation_ops: ClassVar[Any] = ops
    call_name = "call"
    penalizes_logits = True
    _compiled_steps: Any = None

    def prepare_inputs_for_generation(self, inputs: Any, **kwargs: Any) -> dict[str, Any]:
        """Inputs of a generation step. *Shape:* `[batch, seq]`."""
        return {"inputs": inputs}

    @staticmethod
    def _reorder_cache(past: Any, beam_idx: Any) -> Any:
        return tuple(kops.take(layer, beam_idx, axis=1) for layer in past)

    def _new_cache(self: Any, capacity: int) -> Cache:
        # Tensors cannot be changed in place: memory set aside would be copied, too, and looked at, in each step.
        return Cache(ops, len(self.spec.decoding.steps))

    def _score(self: Any, inputs: dict[str, Any]) -> Any:
        flags = {"output_attentions": False, "output_hidden_states": False}
        inputs = dict.fromkeys(self.task.inputs) | flags | inputs
        ids = inputs.get("decoder_input_ids", inputs["input_ids"])
        if inputs["cache"] is None or not inputs["cache"].length:  # later ids are the model's own
            ops.check_ids(ids, self.get_input_embeddings().vocab_size, "input_ids")
        if inputs["cache"] is not None:
            fill_empty(inputs["cache"], self.spec.decoding, ids.shape[0], self.base_layer.compute_dtype)
        if inputs["last_only"] > 1:
            # Guesses of prompt lookup are of many lengths; with a cache they are all that is new.
            if inputs["cache"] is None:
                return self._logits(inputs)
            inputs["last_only"] = 0
        if self._compiled_steps is None:
            self._compiled_steps = CompiledSteps(self._logits)
        return self._compiled_steps(inputs)

    def _logits(self: Any, inputs: dict[str, Any]) -> Any:
        return network.run_heads(Running(self.base_layer, False, self), dict(inputs))[0]

"""`generate()` of PyTorch models: what it needs of this backend."""
import inspect
from typing import Any, ClassVar

from torch import Tensor, nn

from formers.generation.mixin import Generation
from formers.generation.options import Options
from formers.generation.rules import Rules, filter_scores
from formers.generation.steps import is_own
from formers.network import model as network

from . import ops
from .caches import FixedCache
from .containers import Container, is_plain
from .ops.layers import is_untouched


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


class ModelRules(Rules):
    """The rules of a model of a user that has them in `postprocess_next_token_scores`.

    Args:
        model: the model.
        options: the options.
    """

    def __init__(self, model: Any, options: Options):
        super().__init__(ops, options)
        self.model = model

    def penalize(self, logits: Tensor, ids: Tensor) -> Tensor:
        """See `Rules`: the model's method does this too."""
        return logits

    def forbid(self, scores: Tensor, ids: Tensor, passing: bool = False) -> Tensor:
        """See `Rules`."""
        options = self.options
        names = ("no_repeat_ngram_size", "bad_words_ids", "min_length", "max_length", "eos_token_id")
        result: Tensor = self.model.postprocess_next_token_scores(
            scores=scores if passing else scores.clone(),
            input_ids=ids,
            cur_len=ids.shape[1],
            batch_size=ids.shape[0] // options.num_beams,
            repetition_penalty=options.repetition_penalty,
            num_beams=options.num_beams,
            **{name: getattr(options, name) for name in names},
        )
        return result


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

    def may_step_inside(self: Any) -> bool:
        """Tell whether steps of generation may compute what the model does without calling it: nobody looks at it."""
        base = self.base_model
        own = inspect.unwrap(type(base).forward).__module__.startswith("formers.")
        return own and is_untouched(self) and is_untouched(base)

    def _rules(self: Any, options: Options, counted: Any) -> Rules:
        methods = ("postprocess_next_token_scores", "enforce_repetition_penalty_")
        own = all(is_own(self, method) for method in methods)
        return super()._rules(options, counted) if own else ModelRules(self, options)

    def known_positions(self: Any) -> int | None:
        """Return how many positions the model knows, by its embeddings as they are now; see `Generation`."""
        known = super().known_positions()
        base = self.base_model
        table = None if known is None else base.parts().below("embeddings")("positions")
        return known if table is None else ops.rows(table) - base.spec.stack.embeddings.positions.first

    def prepare_inputs_for_generation(self, input_ids: Tensor, **kwargs: Any) -> dict[str, Any]:
        """Return the inputs of a generation step. *Shape:* `[batch, seq]`."""
        return {"input_ids": input_ids}

    def enforce_repetition_penalty_(
        self, lprobs: Tensor, batch_size: int, num_beams: int, prev_output_tokens: Tensor, repetition_penalty: float
    ) -> None:
        """Make tokens that were there already less likely, in place (Keskar et al., 2019); for loops of a caller.

        Args:
            lprobs: Scores. *Shape:* `[batch_size * num_beams, vocabulary]`.
            batch_size, num_beams: Without effect: the number of rows says it.
            prev_output_tokens: Token ids so far. *Shape:* `[batch_size * num_beams, length]`.
            repetition_penalty: Negative scores are multiplied by it, others divided.
        """
        rules = Rules(ops, Options(repetition_penalty=repetition_penalty))
        lprobs.copy_(rules.penalize(lprobs, prev_output_tokens))

    def postprocess_next_token_scores(
        self,
        scores: Tensor,
        input_ids: Tensor,
        no_repeat_ngram_size: int,
        bad_words_ids: Any,
        cur_len: int,
        min_length: int,
        max_length: int,
        eos_token_id: int | None,
        repetition_penalty: float,
        batch_size: int,
        num_beams: int,
    ) -> Tensor:
        """Apply the rules of generation to the scores of the next tokens, in place; for loops of a caller.

        Args:
            scores: *Shape:* `[batch_size * num_beams, vocabulary]`.
            input_ids: Token ids so far. *Shape:* `[batch_size * num_beams, cur_len]`.
            no_repeat_ngram_size, bad_words_ids, min_length, eos_token_id, repetition_penalty: As in `generate()`.
            cur_len, max_length: Without effect: the shapes say them.
            batch_size, num_beams: For `enforce_repetition_penalty_`.

        Returns:
            `scores`.
        """
        options = Options(
            min_length=min_length,
            bad_words_ids=bad_words_ids,
            eos_token_id=eos_token_id,
            no_repeat_ngram_size=no_repeat_ngram_size,
        )
        if repetition_penalty != 1.0:
            self.enforce_repetition_penalty_(scores, batch_size, num_beams, input_ids, repetition_penalty)
        return scores.copy_(Rules(ops, options).forbid(scores, input_ids))

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

"""`generate()` of PyTorch models: what the decode loops need of a model, with and without a cache."""
import inspect
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from formers.architecture import Learned, PaddingAware, Sinusoid
from formers.generation.errors import GenerationError
from formers.generation.loops import decode, search
from formers.generation.options import Options, resolve_options
from formers.generation.rules import Rules, filter_scores

from . import ops
from .caches import Cache

if TYPE_CHECKING:
    from .model import PreTrainedModel

logger = logging.getLogger(__name__)


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


class StackSteps:
    """A model of one causal stack: each step computes the tokens that the cache does not know yet.

    Args:
        model: the model with its head.
        capacity: number of positions to come, the start included.
        mask: 1 for tokens, 0 for padding, of the first tokens; None if there is no padding. *Shape:* `[rows, start]`.
        moved: count positions from the first token that is no padding.
        use_cache: remember keys and values.
        inputs: further arguments of the model.
    """

    def __init__(
        self,
        model: "PreTrainedModel",
        capacity: int,
        mask: Tensor | None,
        moved: bool,
        use_cache: bool,
        inputs: dict[str, Any] | None = None,
    ):
        assert model.task is not None
        self.model = model
        self.cache = Cache(len(model.base_model.layers), capacity) if use_cache else None
        self.inputs = {
            **dict.fromkeys(model.task.inputs), "output_attentions": False, "output_hidden_states": False,
            **(inputs or {}),
        }  # fmt: skip
        self.mask: Tensor | None = None
        self.positions: Tensor | None = None
        if mask is not None and not bool(mask.all()):
            self.mask = torch.cat([mask, mask.new_ones(len(mask), capacity - mask.shape[1])], 1)
            if moved and "position_ids" in self.inputs:
                self.positions = (self.mask.cumsum(1) - 1).clamp_(min=0)

    def logits(self, ids: Tensor, count: int = 1) -> Tensor:
        """See `formers.generation.loops.Steps`."""
        start = self.cache.length if self.cache is not None else 0
        end = ids.shape[1]
        inputs = self.inputs | {"input_ids": ids[:, start:], "cache": self.cache, "last_only": count}
        if self.mask is not None:
            inputs["attention_mask"] = self.mask[:, :end]
        if self.positions is not None:
            inputs["position_ids"] = self.positions[:, start:end]
        return self.model._run_heads(inputs)[0]

    def expand(self, times: int) -> None:
        """See `formers.generation.loops.Steps`."""
        self.mask, self.positions = (
            None if tensor is None else tensor.repeat_interleave(times, 0) for tensor in (self.mask, self.positions)
        )
        if self.cache is not None and times > 1:
            self.cache.expand(times)

    def reorder(self, rows: Tensor) -> None:
        """See `formers.generation.loops.Steps`."""
        if self.cache is not None:
            self.cache.reorder(rows)

    def crop(self, length: int) -> None:
        """See `formers.generation.loops.Steps`."""
        if self.cache is not None:
            self.cache.crop(length)

    def adjust(self, logits: Tensor, length: int, max_length: int) -> Tensor:
        """See `formers.generation.loops.Steps`."""
        return self.model.adjust_logits_during_generation(logits, cur_len=length, max_length=max_length)


class PairSteps(StackSteps):
    """The decoder of a model that has its encoder's outputs already.

    Args:
        model: the model with its head.
        capacity: number of positions to come, the start included.
        encoded: the encoder's last hidden states. *Shape:* `[batch, encoder seq, hidden]`.
        mask: of the encoder. *Shape:* `[batch, encoder seq]`.
        use_cache: remember keys and values.
    """

    def __init__(self, model: Any, capacity: int, encoded: Tensor, mask: Tensor | None, use_cache: bool):
        self.model = model
        self.cache = Cache(len(model.get_decoder().layers), capacity) if use_cache else None
        self.inputs = {
            **dict.fromkeys(model.task.inputs), "output_attentions": False, "output_hidden_states": False,
            "encoder_outputs": (encoded,), "attention_mask": mask, "use_cache": False,
        }  # fmt: skip
        self.mask = self.positions = None

    def logits(self, ids: Tensor, count: int = 1) -> Tensor:
        """See `formers.generation.loops.Steps`."""
        start = self.cache.length if self.cache is not None else 0
        inputs = self.inputs | {"decoder_input_ids": ids[:, start:], "cache": self.cache, "last_only": count}
        return self.model._run_heads(inputs)[0]


class DocumentedSteps:
    """Any model with `prepare_inputs_for_generation` and `forward`, as the documentation describes them.

    Args:
        model: the model.
        mask: 1 for tokens, 0 for padding. *Shape:* `[rows, seq]`.
        use_cache: hand keys and values on, where the model gives them.
        past: what the model starts from (the encoder's outputs).
        kwargs: further arguments of `prepare_inputs_for_generation`.
    """

    def __init__(self, model: Any, mask: Tensor | None, use_cache: bool, past: Any, kwargs: dict[str, Any]):
        self.model, self.mask, self.use_cache, self.past, self.kwargs = model, mask, use_cache, past, kwargs
        self.grows = not model.config.is_encoder_decoder

    def logits(self, ids: Tensor, count: int = 1) -> Tensor:
        """See `formers.generation.loops.Steps`."""
        mask = self.mask
        if mask is not None and self.grows and mask.shape[1] < ids.shape[1]:
            mask = torch.cat([mask, mask.new_ones(len(mask), ids.shape[1] - mask.shape[1])], 1)
        inputs = self.model.prepare_inputs_for_generation(
            ids, past=self.past, attention_mask=mask, use_cache=self.use_cache, **self.kwargs
        )
        outputs = self.model(**inputs)
        no_memory = getattr(self.model.config, "mem_len", None) == 0
        if self.use_cache and len(outputs) > 1 and not no_memory:
            self.past = outputs[1]
        return outputs[0][:, -count:]

    def expand(self, times: int) -> None:
        """See `formers.generation.loops.Steps`."""
        if times > 1:
            self.mask = None if self.mask is None else self.mask.repeat_interleave(times, 0)
            self.past = _each(self.past, lambda x, axis: x.repeat_interleave(times, axis), self.grows)

    def reorder(self, rows: Tensor) -> None:
        """See `formers.generation.loops.Steps`."""
        if self.past is not None:
            self.past = self.model._reorder_cache(self.past, rows)

    def crop(self, length: int) -> None:
        """Not for these models: `generate` does not guess for them."""
        raise NotImplementedError

    def adjust(self, logits: Tensor, length: int, max_length: int) -> Tensor:
        """See `formers.generation.loops.Steps`."""
        return self.model.adjust_logits_during_generation(logits, cur_len=length, max_length=max_length)


def _each(past: Any, change: Callable[[Tensor, int], Tensor], stacked: bool) -> Any:
    """Change every tensor of a documented cache along its axis of rows: the second, where they are stacked."""
    if isinstance(past, Tensor):
        return change(past, 1 if stacked else 0)
    if isinstance(past, dict):
        return {name: _each(value, change, stacked) for name, value in past.items()}
    if isinstance(past, tuple | list):
        return type(past)([_each(value, change, stacked) for value in past]) if type(past) in (tuple, list) else past
    return past


class GenerationMixin:
    """Text generation for models with a head over the vocabulary."""

    def prepare_inputs_for_generation(self, input_ids: Tensor, **kwargs: Any) -> dict[str, Any]:
        """Inputs of a generation step. *Shape:* `[batch, seq]`."""
        return {"input_ids": input_ids}

    def adjust_logits_during_generation(self, logits: Tensor, **kwargs: Any) -> Tensor:
        """What the model itself wants of its logits in beam search: nothing.

        Args:
            logits: *Shape:* `[rows, vocabulary]`.
            **kwargs: `cur_len` and `max_length`.
        """
        return logits

    @staticmethod
    def _reorder_cache(past: Any, beam_idx: Tensor) -> Any:
        return tuple(layer.index_select(1, beam_idx) for layer in past)

    @torch.no_grad()
    def generate(
        self: Any,
        input_ids: Tensor | None = None,
        max_length: int | None = None,
        min_length: int | None = None,
        do_sample: bool | None = None,
        early_stopping: bool | None = None,
        num_beams: int | None = None,
        temperature: float | None = None,
        top_k: int | None = None,
        top_p: float | None = None,
        repetition_penalty: float | None = None,
        bad_words_ids: Iterable[Iterable[int]] | None = None,
        bos_token_id: int | None = None,
        pad_token_id: int | None = None,
        eos_token_id: int | None = None,
        length_penalty: float | None = None,
        no_repeat_ngram_size: int | None = None,
        num_return_sequences: int | None = None,
        attention_mask: Tensor | None = None,
        decoder_start_token_id: int | None = None,
        use_cache: bool | None = None,
        max_new_tokens: int | None = None,
        streamer: Any = None,
        stopping_criteria: Any = None,
        generator: torch.Generator | int | None = None,
        prompt_lookup_num_tokens: int | None = None,
        **model_specific_kwargs: Any,
    ) -> Tensor:
        """Generate text: greedily, by sampling, by beam search, or by sampling beams.

        Arguments that are None have the value of the model's config.

        Args:
            input_ids: prompts, or what the encoder reads; prompts of different lengths are padded on the left, with an
                `attention_mask`. A prompt of `bos_token_id` by default. *Shape:* `[batch, seq]`.
            max_length: length of the sequences, the prompt included.
            min_length: no sequence ends before this length.
            do_sample: draw tokens rather than take the most likely.
            early_stopping: beam search ends when it has `num_beams` finished sequences.
            num_beams: number of beams; 1 for no beam search.
            temperature: divides the scores before sampling.
            top_k: draw from this many of the most likely tokens; 0 for all.
            top_p: draw from the smallest set of the most likely tokens with this probability.
            repetition_penalty: makes tokens that were there already less likely; 1.0 for no penalty.
            bad_words_ids: sequences of tokens that must not come.
            bos_token_id: token that texts start with.
            pad_token_id: token behind the end of sequences; `eos_token_id` if there is none.
            eos_token_id: token that ends a sequence.
            length_penalty: beam search divides scores by the length to this power.
            no_repeat_ngram_size: no n-gram of this size comes twice.
            num_return_sequences: number of sequences for each prompt.
            attention_mask: 1 for tokens, 0 for padding. *Shape:* `[batch, seq]`.
            decoder_start_token_id: token that the decoder starts from, if the model has an encoder.
            use_cache: remember keys and values rather than compute them again.
            max_new_tokens: in place of `max_length`: number of tokens after the prompt.
            streamer: an object with `put(tokens)` and `end()` that gets tokens as they come (`TextStreamer`).
            stopping_criteria: a function, or a list of functions, of the sequences so far and the last scores; when one
                is true for all rows, generation ends.
            generator: random numbers for sampling, or a seed.
            prompt_lookup_num_tokens: in greedy decoding, guess this many tokens at a time from repetitions of the
                prompt, and check them in one step: the same text in less time.
            **model_specific_kwargs: further arguments of the model's `prepare_inputs_for_generation`.

        Returns:
            Sequences, with the prompts unless the model has an encoder. *Shape:*
            `[batch * num_return_sequences, length]`.

        Raises:
            GenerationError: an argument cannot be (a `ValueError`, and an `AssertionError`), or the model gives NaN.
            AttributeError: the model has no head over the vocabulary.
        """
        given = {
            "max_length": max_length, "min_length": min_length, "do_sample": do_sample,
            "early_stopping": early_stopping, "num_beams": num_beams, "temperature": temperature, "top_k": top_k,
            "top_p": top_p, "repetition_penalty": repetition_penalty, "bad_words_ids": bad_words_ids,
            "bos_token_id": bos_token_id, "pad_token_id": pad_token_id, "eos_token_id": eos_token_id,
            "length_penalty": length_penalty, "no_repeat_ngram_size": no_repeat_ngram_size,
            "num_return_sequences": num_return_sequences, "decoder_start_token_id": decoder_start_token_id,
            "use_cache": use_cache,
        }  # fmt: skip
        if self.get_output_embeddings() is None:
            raise AttributeError(
                f"{type(self).__name__} has no head over the vocabulary and cannot generate: load the checkpoint with "
                "AutoModelForCausalLM or AutoModelForSeq2SeqLM"
            )
        paired = bool(self.config.is_encoder_decoder)
        start = 1 if paired or input_ids is None else input_ids.shape[-1]
        options = resolve_options(self.config, given, start, max_new_tokens)
        ids = _prompt(self, input_ids, options)
        lookup = _check_extras(options, streamer, prompt_lookup_num_tokens)
        criteria = [stopping_criteria] if callable(stopping_criteria) else list(stopping_criteria or ())
        if isinstance(generator, int):
            generator = torch.Generator(ids.device).manual_seed(generator)
        mask, explicit = _mask(ids, attention_mask, options, paired, self.config)
        options.check_start(1 if paired else ids.shape[1])
        if not paired:
            options = _within_positions(self, ids.shape[1], options)
        steps = _steps(self, ids, mask, explicit, options, model_specific_kwargs)
        if isinstance(steps, DocumentedSteps) and lookup:
            raise GenerationError(f"prompt_lookup_num_tokens needs a cache that {type(self).__name__} has not")
        text, counted = None, None
        if paired:
            text, ids = ids, ids.new_full((len(ids), 1), _decoder_start(options))
        elif explicit and mask is not None and not bool(mask.all()):
            counted = mask > 0
        if options.copies > 1:
            ids = ops.repeat(ids, options.copies)
            counted = None if counted is None else ops.repeat(counted, options.copies)
            steps.expand(options.copies)
        if options.num_beams == 1:
            rules = Rules(ops, options, counted)
            return decode(
                ops, steps, ids, options, rules, streamer=streamer, criteria=criteria, generator=generator,
                lookup=lookup, text=text,
            )  # fmt: skip
        rules = Rules(ops, options, None if counted is None else ops.repeat(counted, options.num_beams))
        adjusted = paired and not options.do_sample
        return search(
            ops, steps, ids, options, rules, criteria=criteria, generator=generator, adjusted=adjusted
        )  # fmt: skip


def _prompt(model: Any, input_ids: Tensor | None, options: Options) -> Tensor:
    if input_ids is None:
        if options.bos_token_id is None:
            raise GenerationError("without input_ids, generation starts from bos_token_id, and there is none: give one")
        return torch.full((1, 1), options.bos_token_id, dtype=torch.long, device=model.device)
    if input_ids.dim() != 2:
        raise GenerationError(f"input_ids has shape {tuple(input_ids.shape)}; expected [batch, seq]")
    if not input_ids.numel():
        raise GenerationError(
            f"the prompt is empty (input_ids has shape {tuple(input_ids.shape)}): give at least one token, or no "
            "input_ids to start from bos_token_id"
        )
    return input_ids


def _decoder_start(options: Options) -> int:
    start = options.decoder_start_token_id if options.decoder_start_token_id is not None else options.bos_token_id
    if start is None:
        raise GenerationError("the decoder starts from decoder_start_token_id or bos_token_id, and there is neither")
    return start


def _mask(
    ids: Tensor, attention_mask: Tensor | None, options: Options, paired: bool, config: Any
) -> tuple[Tensor | None, bool]:
    """The mask of the prompt, and whether the caller gave it."""
    if attention_mask is not None:
        if attention_mask.shape != ids.shape:
            raise GenerationError(
                f"attention_mask has shape {tuple(attention_mask.shape)} and input_ids {tuple(ids.shape)}: "
                "they must agree"
            )
        if not paired and not bool(attention_mask[:, -1].all()):
            logger.warning("prompts are padded on the right, where generation goes on: pad them on the left")
        return attention_mask, True
    # In a prompt, a padding token that the model was not made with may well be text (the end of another text).
    pad = options.pad_token_id if paired else config.pad_token_id
    if pad is not None and bool((ids == pad).any()):
        return (ids != pad).long(), False
    return None, False


def _check_extras(options: Options, streamer: Any, lookup: int | None) -> int:
    if streamer is not None and options.num_beams > 1:
        raise GenerationError("beam search changes its mind: a streamer needs num_beams=1")
    if lookup is None:
        return 0
    if not isinstance(lookup, int) or lookup < 1:
        raise GenerationError(f"prompt_lookup_num_tokens is {lookup!r}; expected a number from 1 on")
    if options.do_sample or options.num_beams > 1:
        raise GenerationError("prompt_lookup_num_tokens is for greedy decoding: num_beams=1 and do_sample=False")
    return lookup


def _within_positions(model: Any, start: int, options: Options) -> Options:
    """The options, with `max_length` within the positions that a model knows."""
    stack = getattr(model.base_model, "stack", None)
    positions = stack.embeddings.positions if stack is not None else None
    if not isinstance(positions, Learned | Sinusoid | PaddingAware):
        return options
    known = positions.size - (positions.pad + 1 if isinstance(positions, PaddingAware) else 0)
    if start > known:
        raise GenerationError(f"the prompt has {start} tokens, but the model knows {known} positions: shorten it")
    if options.max_length <= known:
        return options
    logger.warning("max_length is %s, but the model knows %s positions: it stops there", options.max_length, known)
    # What follows the last position can still be predicted, but nothing can follow that.
    return replace(options, max_length=known + 1)


def _steps(
    model: Any, ids: Tensor, mask: Tensor | None, explicit: bool, options: Options, kwargs: dict[str, Any]
) -> Any:
    """The steps of a model: the quick way where nothing but the library's own code is involved."""
    own = not kwargs and _is_own(model, "forward") and _is_own(model, "prepare_inputs_for_generation")
    if kwargs and _is_own(model, "prepare_inputs_for_generation"):
        known = inspect.signature(type(model).forward).parameters
        unknown = [name for name in kwargs if name not in known]
        if unknown:
            raise GenerationError(
                f"neither generate() nor {type(model).__name__} has an argument {', '.join(map(repr, unknown))}"
            )
    if model.config.is_encoder_decoder:
        encoded = _encode(model, ids, mask)
        if own and hasattr(model, "_pair_steps"):
            return model._pair_steps(options.max_length, encoded[0], mask, options.use_cache)
        return DocumentedSteps(model, mask, options.use_cache, (encoded, None), kwargs)
    if own and model.task is not None and _is_causal(model):
        return StackSteps(model, options.max_length, mask, explicit, options.use_cache)
    return DocumentedSteps(model, mask, options.use_cache, None, kwargs)


def _is_own(model: Any, method: str) -> bool:
    """Whether a method is the library's, not that of a subclass of somebody else."""
    function = inspect.unwrap(getattr(type(model), method))
    return function.__module__.startswith("formers.")


def _is_causal(model: Any) -> bool:
    stack = getattr(model.base_model, "stack", None)
    return stack is not None and all(layer.attention.block.causal for layer in stack.layers)


def _encode(model: Any, ids: Tensor, mask: Tensor | None) -> Any:
    if mask is None:
        mask = torch.ones_like(ids)
    return model.get_encoder()(ids, attention_mask=mask)

"""`generate()` of the models of any backend."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Generic, TypeVar

from .errors import GenerationError
from .inputs import decoder_start, prompt, prompt_mask, single_stack, within_positions
from .loops import decode, search
from .options import Options, resolve_options
from .rules import Rules
from .steps import DocumentedSteps, steps_of

Tensor = TypeVar("Tensor")


class Generation(Generic[Tensor]):
    """Text generation for models with a head over the vocabulary.

    A backend adds two methods: `_score(inputs)` gives the scores of a step, and `_new_cache(capacity)` an empty cache.

    Attributes:
        generation_ops: the operations of the backend.
        call_name: the method that runs a model.
        penalizes_logits: whether beam search applies `repetition_penalty` before the softmax, not behind it.
    """

    generation_ops: ClassVar[Any]
    call_name: ClassVar[str] = "forward"
    penalizes_logits: ClassVar[bool] = False

    def may_step_inside(self) -> bool:
        """Tell whether steps of generation may compute what the model does without calling it: nobody looks at it."""
        return True

    def known_positions(self: Any) -> int | None:
        """Return how many positions the model knows; None for encoder-decoders, custom models, and any number."""
        stack = single_stack(self)
        return None if stack is None else stack.capacity

    def scores_tokens(self: Any) -> bool:
        """Tell whether the model scores the vocabulary, and so can generate."""
        return self.get_output_embeddings() is not None

    def _rules(self, options: Options, counted: Any) -> Rules:
        """Return the rules of a call; see `Rules`."""
        return Rules(self.generation_ops, options, counted)

    def adjust_logits_during_generation(self, logits: Tensor, **kwargs: Any) -> Tensor:
        """Return what the model itself wants of its logits in beam search: nothing.

        Args:
            logits: *Shape:* `[rows, vocabulary]`.
            **kwargs: `cur_len` and `max_length`.
        """
        return logits

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
        generator: Any = None,
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
            generator: random numbers for sampling (`torch.Generator`, `keras.random.SeedGenerator`), or a seed.
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
        if not self.scores_tokens():
            raise AttributeError(
                f"{type(self).__name__} has no head over the vocabulary and cannot generate: load the checkpoint with "
                "a class that has one (AutoModelForCausalLM, AutoModelForSeq2SeqLM, TFAutoModelWithLMHead)"
            )
        ops = self.generation_ops
        paired = bool(self.config.is_encoder_decoder)
        prompts: Any = None if input_ids is None else ops.as_id_array(input_ids, self)
        start = 1 if paired or prompts is None else prompts.shape[-1]
        options = resolve_options(self.config, given, start, max_new_tokens)
        lookup = _check_extras(options, streamer, prompt_lookup_num_tokens)
        criteria = [stopping_criteria] if callable(stopping_criteria) else list(stopping_criteria or ())
        with ops.no_gradients():
            ids = prompt(self, prompts, options)
            mask, explicit = prompt_mask(self, ids, attention_mask, options)
            options.check_start(1 if paired else ids.shape[1])
            if not paired:
                options = within_positions(self, ids.shape[1], options)
            steps = steps_of(self, ids, mask, explicit, options, model_specific_kwargs)
            if isinstance(steps, DocumentedSteps) and lookup:
                raise GenerationError(f"prompt_lookup_num_tokens needs a cache that {type(self).__name__} has not")
            text, counted = None, None
            if paired:
                text, ids = ids, ops.full((ids.shape[0], 1), decoder_start(options), ids)
            elif explicit and mask is not None and not ops.as_bool(ops.all(mask)):
                counted = mask > 0
            if options.copies > 1:
                ids = ops.repeat(ids, options.copies)
                counted = None if counted is None else ops.repeat(counted, options.copies)
                steps.expand(options.copies)
            generator = ops.random_generator(generator, ids) if options.do_sample else None
            if options.num_beams == 1:
                return decode(
                    ops, steps, ids, options, self._rules(options, counted), streamer=streamer, criteria=criteria,
                    generator=generator, lookup=lookup, text=text,
                )  # fmt: skip
            rules = self._rules(options, None if counted is None else ops.repeat(counted, options.num_beams))
            return search(
                ops, steps, ids, options, rules, criteria=criteria, generator=generator,
                adjusted=paired and not options.do_sample, penalize_logits=self.penalizes_logits,
            )  # fmt: skip


def _check_extras(options: Options, streamer: Any, lookup: int | None) -> int:
    """Return the number of tokens to look up.

    Raises:
        GenerationError: arguments do not go together.
    """
    if streamer is not None and options.num_beams > 1:
        raise GenerationError("beam search changes its mind: a streamer needs num_beams=1")
    if lookup is None:
        return 0
    if not isinstance(lookup, int) or lookup < 1:
        raise GenerationError(f"prompt_lookup_num_tokens is {lookup!r}; expected a number from 1 on")
    if options.do_sample or options.num_beams > 1:
        raise GenerationError("prompt_lookup_num_tokens is for greedy decoding: num_beams=1 and do_sample=False")
    return lookup

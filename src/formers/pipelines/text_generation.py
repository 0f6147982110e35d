"""Text generation: a model goes on from a prompt."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from formers.families import families
from formers.generation.errors import GenerationError
from formers.pipelines.encoding import Encodings, encode
from formers.pipelines.generating import GeneratingPipeline, NewTokens
from formers.pipelines.run import Run

logger = logging.getLogger(__name__)


class TextGenerationPipeline(GeneratingPipeline):
    """Goes on from a text.

    A prompt without tokens is the beginning of a text, if the model has a token for that. A prompt after which the
    model's context has no position left is truncated at its beginning, with a warning. `max_length` counts the prompt.

    Args:
        model: A model with a head over the vocabulary and no encoder.
        tokenizer: The model's tokenizer.
        **kwargs: See `Pipeline`.

    Raises:
        ValueError: If the model cannot go on from a text.
    """

    _needs_encoder = False
    _key = "generated"

    def __init__(self, model: Any, tokenizer: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(model, tokenizer, *args, **kwargs)
        family = families().get(getattr(model.config, "model_type", ""))
        if not self.prefix and family is not None:
            self.prefix = family.prompt_prefix

    def __call__(
        self,
        *args: Any,
        return_tensors: bool = False,
        return_text: bool = True,
        clean_up_tokenization_spaces: bool = False,
        **generate_kwargs: Any,
    ) -> list[Any]:
        """Go on from each prompt.

        Args:
            *args: Prompts, or one list, column or generator of them.
            return_tensors: Whether to return token ids.
            return_text: Whether to return text.
            clean_up_tokenization_spaces: Whether to remove spaces before punctuation and English contractions.
            **generate_kwargs: Arguments of the model's `generate`, such as `max_length`, `do_sample`, `streamer`;
                `prefix`, a text to put before each prompt, which counts and shows nowhere; `return_full_text`, False
                to leave the prompt out of the text; and options, see `Pipeline`.

        Returns:
            For each prompt a list of `{"generated_token_ids": [int, ...], "generated_text": str}`, as many as
            `num_return_sequences` asks for. The list of a single prompt comes without the list of prompts around it.

        Raises:
            GenerationError: If an argument cannot be, or a prompt has no token and the model none to begin with.
        """
        return super().__call__(
            *args,
            return_tensors=return_tensors,
            return_text=return_text,
            clean_up_tokenization_spaces=clean_up_tokenization_spaces,
            **generate_kwargs,
        )

    def _options(self) -> dict[str, Any]:
        # A token for the end of a text would be in the way of what is to follow.
        return super()._options() | {"add_special_tokens": False, "return_full_text": True}

    def _finish(self, results: list[Any], options: Mapping[str, Any]) -> list[Any]:
        return results[0] if len(results) == 1 else results

    def _process(self, run: Run) -> Iterable[Any]:
        call, options = self._generate_call(run.options), run.options
        encodings = self._prompts(run, call.options.bos_token_id)
        limits = (call.options.min_length, call.options.max_length, call.arguments.get("max_new_tokens"))
        new_tokens = self._new_tokens(encodings.lengths, run, *limits)
        encodings = self._truncated(encodings, new_tokens, run)
        sequences = self._generate(encodings, run, call, new_tokens)
        for text, prompt, rows in zip(run.inputs, encodings.rows["input_ids"], sequences, strict=True):
            start = self._text(np.asarray(prompt), options)
            before = text if options["return_full_text"] else ""
            yield [self._record(ids, before + self._continuation(ids, start, options), options) for ids in rows]

    def _prompts(self, run: Run, bos: int | None) -> Encodings:
        """Return the token ids of the prompts, which have at least one each."""
        texts = self._texts(run)
        if self._is_redefined("_parse_and_tokenize"):
            rows = [self._encode(run.reading([text])).rows["input_ids"][0] for text in texts]
        else:
            rows = encode(self.tokenizer, texts, None, run.first, run.options["add_special_tokens"]).rows["input_ids"]
        for index, row in enumerate(rows):
            if len(row):
                continue
            if bos is None:
                raise GenerationError(
                    f"input {run.first + index} ({run.inputs[index][:60]!r}) has no tokens, and the model has no "
                    "bos_token_id to begin a text with: give a prompt, or bos_token_id"
                )
            rows[index] = [bos]
        return Encodings.of({"input_ids": rows})

    def _new_tokens(
        self, lengths: np.ndarray, run: Run, min_length: int, max_length: int, max_new_tokens: int | None
    ) -> NewTokens:
        """Return what may follow each prompt; the prefix is not counted."""
        prefix = run.options["prefix"]
        own = lengths - (len(self.tokenizer(prefix, add_special_tokens=False)["input_ids"]) if prefix else 0)
        maximum = max_length - own if max_new_tokens is None else np.full_like(own, max_new_tokens)
        full = np.flatnonzero(maximum < 1)
        if len(full):
            raise GenerationError(
                f"input {run.first + full[0]} has {own[full[0]]} tokens, and max_length, which counts them, is "
                f"{max_length}: raise max_length, pass max_new_tokens instead, or shorten the prompt"
            )
        return NewTokens(np.maximum(min_length - own, 0), maximum)

    def _truncated(self, encodings: Encodings, new_tokens: NewTokens, run: Run) -> Encodings:
        """Truncate prompts at the beginning, so that the model has positions for what is to follow.

        At most half of what the model can take is kept free for that.
        """
        if self._longest is None:
            return encodings
        keep = self._longest - np.minimum(new_tokens.maximum, self._longest // 2)
        long = np.flatnonzero(encodings.lengths > keep)
        if not len(long):
            return encodings
        logger.warning(
            "%d of %d prompts leave no room in the %d tokens that the model can take, truncated at the beginning: "
            "the longest has %d tokens, the first is input %d",
            len(long), len(run.inputs), self._longest, encodings.lengths.max(), run.first + long[0],
        )  # fmt: skip
        rows = list(encodings.rows["input_ids"])
        for index in long:
            rows[index] = rows[index][-int(keep[index]) :]
        return Encodings.of({"input_ids": rows})

    def _continuation(self, ids: np.ndarray, prompt: str, options: Mapping[str, Any]) -> str:
        """Return the text of a sequence after its prompt, whose tokens need not decode to the same text again."""
        text = self._text(ids, options)
        return text[len(os.path.commonprefix([text, prompt])) :]

    def _ids(self, ids: np.ndarray) -> list[int]:
        return ids.tolist()

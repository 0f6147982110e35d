"""Text to text: an encoder reads a text, a decoder writes another."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from formers.pipelines.generating import GenerateCall, GeneratingPipeline
from formers.pipelines.run import Run

logger = logging.getLogger(__name__)


class Text2TextGenerationPipeline(GeneratingPipeline):
    """Writes a text for a text, with an encoder-decoder model.

    Args:
        model: An encoder-decoder model with a head over the vocabulary.
        tokenizer: The model's tokenizer.
        **kwargs: See `Pipeline`.

    Raises:
        ValueError: If the model is none of that kind.
    """

    _needs_encoder = True
    _key = "generated"

    def __call__(
        self,
        *args: Any,
        return_tensors: bool = False,
        return_text: bool = True,
        clean_up_tokenization_spaces: bool = False,
        **generate_kwargs: Any,
    ) -> list[dict[str, Any]]:
        """Write a text for each text.

        Args:
            *args: Texts, or one list, column or generator of them.
            return_tensors: Whether to return token ids.
            return_text: Whether to return text.
            clean_up_tokenization_spaces: Whether to remove spaces before punctuation and English contractions.
            **generate_kwargs: Arguments of the model's `generate`, such as `max_length`, `num_beams`, `streamer`;
                `prefix`, a text to put before each text; and options, see `Pipeline`.

        Returns:
            A list of `{"generated_token_ids": tensor [length], "generated_text": str}`, one a text, or
            `num_return_sequences` for each.

        Raises:
            GenerationError: If an argument of `generate` cannot be.
        """
        return super().__call__(
            *args,
            return_tensors=return_tensors,
            return_text=return_text,
            clean_up_tokenization_spaces=clean_up_tokenization_spaces,
            **generate_kwargs,
        )

    def _finish(self, results: list[Any], options: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [record for result in results for record in (result if isinstance(result, list) else [result])]

    def _process(self, run: Run) -> Iterable[Any]:
        call = self._generate_call(run.options)
        encodings = self._encode(run.reading(self._texts(run)))
        sequences = self._generate(encodings, run, call)
        self._warn_of_unfinished([ids for rows in sequences for ids in rows], call)
        for rows in sequences:
            records = [self._record(ids, self._text(ids, run.options), run.options) for ids in rows]
            yield records[0] if call.options.num_return_sequences == 1 else records

    def _warn_of_unfinished(self, sequences: list[Any], call: GenerateCall) -> None:
        """Say so if texts were not finished and nobody asked for their length."""
        eos = call.options.eos_token_id
        if eos is None or not call.asked.isdisjoint({"max_length", "max_new_tokens"}):
            return
        # Beam search leaves out the end of sequences that are all of one length: a short one is finished anyhow.
        unfinished = sum(len(ids) >= call.options.max_length and ids[-1] != eos for ids in sequences)
        if unfinished:
            logger.warning(
                "%d of %d texts end unfinished at max_length=%d, the default of the model: pass a larger one",
                unfinished, len(sequences), call.options.max_length,
            )  # fmt: skip

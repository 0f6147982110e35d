"""Text to text: an encoder reads a text, a decoder writes another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from formers.pipelines.generating import GeneratingPipeline, Wish
from formers.pipelines.inputs import Window

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

    _paired = True
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

    def _finish(self, results: list[Any], options: dict[str, Any]) -> list[dict[str, Any]]:
        return [record for result in results for record in (result if isinstance(result, list) else [result])]

    def _process(self, window: Window, options: dict[str, Any], done: Callable[[float], None]) -> Iterable[Any]:
        wish = self._wish(options)
        encodings = self._encode(Window(self._texts(window, options), window.first), options)
        sequences = self._generate(encodings, options, done, wish)
        self._warn_of_cut([ids for rows in sequences for ids in rows], wish)
        for rows in sequences:
            records = [self._record(ids, self._text(ids, options), options) for ids in rows]
            yield records[0] if wish.options.num_return_sequences == 1 else records

    def _warn_of_cut(self, sequences: list[Any], wish: Wish) -> None:
        """Say so if texts were not finished and nobody asked for their length."""
        eos = wish.options.eos_token_id
        if eos is None or not {"max_length", "max_new_tokens"}.isdisjoint(wish.arguments.keys() - wish.of_task):
            return
        # Beam search leaves out the end of sequences that are all of one length: a short one is finished anyhow.
        cut = sum(len(ids) >= wish.options.max_length and ids[-1] != eos for ids in sequences)
        if cut:
            logger.warning(
                "%d of %d texts end unfinished at max_length=%d, the default of the model: pass a larger one",
                cut, len(sequences), wish.options.max_length,
            )  # fmt: skip

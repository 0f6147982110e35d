"""Text generation: a model goes on from a prompt."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from formers.families import families
from formers.generation.errors import GenerationError
from formers.pipelines.encoding import Encodings, encode
from formers.pipelines.generating import GeneratingPipeline, Room
from formers.pipelines.inputs import Window

logger = logging.getLogger(__name__)


class TextGenerationPipeline(GeneratingPipeline):
    """Goes on from a text.

    A prompt without tokens stands for the beginning of a text, if the model has a token for that. A prompt that
    leaves no room in the model's context loses its beginning, with a warning. `max_length` counts the prompt.

    Args:
        model: A model with a head over the vocabulary and no encoder.
        tokenizer: The model's tokenizer.
        **kwargs: See `Pipeline`.

    Raises:
        ValueError: If the model cannot go on from a text.
    """

    _paired = False
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

    def _finish(self, results: list[Any], options: dict[str, Any]) -> list[Any]:
        return results[0] if len(results) == 1 else results

    def _process(self, window: Window, options: dict[str, Any], done: Callable[[float], None]) -> Iterable[Any]:
        wish = self._wish(options)
        encodings = self._prompts(window, options, wish.options.bos_token_id)
        new = wish.arguments.get("max_new_tokens")
        room = self._room(encodings.lengths, window, options, wish.options.min_length, wish.options.max_length, new)
        encodings = self._cut(encodings, room, window)
        sequences = self._generate(encodings, options, done, wish, room)
        for text, prompt, rows in zip(window.items, encodings.rows["input_ids"], sequences, strict=True):
            start = self._text(np.asarray(prompt), options)
            before = text if options["return_full_text"] else ""
            yield [self._record(ids, before + self._continuation(ids, start, options), options) for ids in rows]

    def _prompts(self, window: Window, options: dict[str, Any], bos: int | None) -> Encodings:
        """Token ids of the prompts, which have at least one each."""
        texts = self._texts(window, options)
        rows = encode(self.tokenizer, texts, None, window.first, options["add_special_tokens"]).rows["input_ids"]
        for place, row in enumerate(rows):
            if len(row):
                continue
            if bos is None:
                raise GenerationError(
                    f"input {window.first + place} ({window.items[place][:60]!r}) has no tokens, and the model has no "
                    "bos_token_id to begin a text with: give a prompt, or bos_token_id"
                )
            rows[place] = [bos]
        return Encodings.of({"input_ids": rows})

    def _room(
        self, lengths: np.ndarray, window: Window, options: dict[str, Any], least: int, most: int, new: int | None
    ) -> Room:
        """What may follow each prompt; the prefix is not counted."""
        prefix = options["prefix"]
        own = lengths - (len(self.tokenizer(prefix, add_special_tokens=False)["input_ids"]) if prefix else 0)
        follow = most - own if new is None else np.full_like(own, new)
        full = np.flatnonzero(follow < 1)
        if len(full):
            raise GenerationError(
                f"input {window.first + full[0]} has {own[full[0]]} tokens, and max_length, which counts them, is "
                f"{most}: raise max_length, pass max_new_tokens instead, or shorten the prompt"
            )
        return Room(np.maximum(least - own, 0), follow)

    def _cut(self, encodings: Encodings, room: Room, window: Window) -> Encodings:
        """The prompts, without the beginnings for which the model has no room.

        At most half of what the model can take is kept free for what is to follow.
        """
        if self._longest is None:
            return encodings
        keep = self._longest - np.minimum(room.most, self._longest // 2)
        long = np.flatnonzero(encodings.lengths > keep)
        if not len(long):
            return encodings
        logger.warning(
            "%d of %d prompts leave no room in the %d tokens that the model can take, cut at the beginning: "
            "the longest has %d tokens, the first is input %d",
            len(long), len(window.items), self._longest, encodings.lengths.max(), window.first + long[0],
        )  # fmt: skip
        rows = list(encodings.rows["input_ids"])
        for index in long:
            rows[index] = rows[index][-int(keep[index]) :]
        return Encodings.of({"input_ids": rows})

    def _continuation(self, ids: np.ndarray, prompt: str, options: dict[str, Any]) -> str:
        """What a sequence says after its prompt, which need not be the same text again when it is decoded."""
        text = self._text(ids, options)
        return text[len(os.path.commonprefix([text, prompt])) :]

    def _ids(self, ids: np.ndarray) -> list[int]:
        return ids.tolist()

"""Summarization: a long text becomes a short one."""

from __future__ import annotations

from typing import Any

from formers.pipelines.text2text_generation import Text2TextGenerationPipeline


class SummarizationPipeline(Text2TextGenerationPipeline):
    """Summarizes documents.

    Args:
        **kwargs: `model`, an encoder-decoder model with a head over the vocabulary; `tokenizer`; and the rest, see
            `Pipeline`.
    """

    _key = "summary"

    def __init__(self, **kwargs: Any) -> None:
        kwargs["task"] = kwargs.get("task") or "summarization"
        super().__init__(**kwargs)

    def __call__(
        self,
        *documents: Any,
        return_tensors: bool = False,
        return_text: bool = True,
        clean_up_tokenization_spaces: bool = False,
        **generate_kwargs: Any,
    ) -> list[dict[str, Any]]:
        """Summarize documents.

        Args:
            *documents: Documents, or one list, column or generator of them.
            return_tensors: Whether to return token ids.
            return_text: Whether to return text.
            clean_up_tokenization_spaces: Whether to remove spaces before punctuation and English contractions.
            **generate_kwargs: See `Text2TextGenerationPipeline`; `min_length` and `max_length` bound the summaries.

        Returns:
            A list of `{"summary_token_ids": tensor [length], "summary_text": str}`, one a document, or
            `num_return_sequences` for each.

        Raises:
            GenerationError: If an argument of `generate` cannot be.
        """
        return super().__call__(
            *documents,
            return_tensors=return_tensors,
            return_text=return_text,
            clean_up_tokenization_spaces=clean_up_tokenization_spaces,
            **generate_kwargs,
        )

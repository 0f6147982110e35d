"""Feature extraction: the last hidden states of every token."""

from __future__ import annotations

from typing import Any

from formers.pipelines.arrays import to_array
from formers.pipelines.base import Pipeline
from formers.pipelines.inputs import ArgumentHandler


class FeatureExtractionPipeline(Pipeline):
    """Hidden states of the base model, without a head: features for other models.

    Returns nested lists `[inputs][tokens][hidden]`. By default every input is padded to the longest of the call, as
    documented; `padding=False` gives each input its own tokens only, which is faster and smaller when lengths differ.

    Args:
        model: A base model.
        tokenizer: The model's tokenizer.
        modelcard: See `Pipeline`.
        framework: See `Pipeline`.
        args_parser: See `Pipeline`.
        device: See `Pipeline`.
        task: See `Pipeline`.
        **kwargs: `batch_size`, `max_tokens`, `binary_output`, see `Pipeline`.
    """

    _unused_parts = frozenset({"pooler"})

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        modelcard: Any = None,
        framework: str | None = None,
        args_parser: ArgumentHandler | None = None,
        device: Any = -1,
        task: str = "",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("binary_output", True)
        super().__init__(
            model, tokenizer, modelcard, framework, task=task, args_parser=args_parser, device=device, **kwargs
        )

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Extract features.

        Args:
            *args: Texts or pairs of texts, or one list, column or generator of them.
            **kwargs: Options, see `Pipeline`, and `padding`.

        Returns:
            Nested lists of floats, `[inputs][tokens][hidden]`.
        """
        return [to_array(features).tolist() for features in super().__call__(*args, **kwargs)]

"""Masked language modelling: the likeliest tokens for a mask token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from formers.pipelines.base import Pipeline, PipelineException
from formers.pipelines.encoding import Encodings
from formers.pipelines.inputs import ArgumentHandler
from formers.pipelines.run import Run
from formers.pipelines.text_classification import softmax


class FillMaskPipeline(Pipeline):
    """Fills the mask token of each text, such as `[MASK]` or `<mask>`; see `tokenizer.mask_token`.

    Args:
        model: A model with a masked language modelling head.
        tokenizer: The model's tokenizer.
        modelcard: See `Pipeline`.
        framework: See `Pipeline`.
        args_parser: See `Pipeline`.
        device: See `Pipeline`.
        topk: How many tokens to return.
        task: See `Pipeline`.
        **kwargs: `batch_size` and `max_tokens`, see `Pipeline`.
    """

    _head = "ForMaskedLM"

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        modelcard: Any = None,
        framework: str | None = None,
        args_parser: ArgumentHandler | None = None,
        device: Any = -1,
        topk: int = 5,
        task: str = "",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("binary_output", True)
        super().__init__(
            model, tokenizer, modelcard, framework, task=task, args_parser=args_parser, device=device, **kwargs
        )
        self.topk = topk

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Fill the mask token of each text.

        Args:
            *args: Texts with one mask token each, or one list, column or generator of them.
            **kwargs: Options, see `Pipeline`, and `topk`.

        Returns:
            For each text a list of `{"sequence": str, "score": float, "token": int, "token_str": str}`, the likeliest
            first. The list of a single text comes without the list of texts around it.

        Raises:
            PipelineException: If a text has no mask token or several.
        """
        return super().__call__(*args, **kwargs)

    def ensure_exactly_one_mask_token(self, masked_index: np.ndarray) -> None:
        """Check the positions of the mask token in a text.

        Args:
            masked_index: The positions.

        Raises:
            PipelineException: If there is not exactly one.
        """
        count = int(np.size(masked_index))
        name = getattr(self.model, "base_model_prefix", type(self.model).__name__)
        if count > 1:
            reason = f"More than one mask_token ({self.tokenizer.mask_token}) is not supported"
        elif count < 1:
            reason = f"No mask_token ({self.tokenizer.mask_token}) found on the input"
        else:
            return
        raise PipelineException("fill-mask", name, reason)

    def _options(self) -> dict[str, Any]:
        return super()._options() | {"padding": False, "topk": self.topk}

    def _split(self, kwargs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        options, rest = super()._split(kwargs)
        if options["topk"] < 1:
            raise ValueError(f"topk is {options['topk']}, expected at least 1")
        return options, rest

    def _finish(self, results: list[Any], options: Mapping[str, Any]) -> list[Any]:
        return results[0] if len(results) == 1 else results

    def _process(self, run: Run) -> Iterable[Any]:
        encodings = self._encode(run)
        positions = self._mask_positions(encodings, run)
        outputs = self._run_model(encodings, run, at=positions)
        for ids, position, (logits,) in zip(encodings.rows["input_ids"], positions.tolist(), outputs, strict=True):
            yield self._fillings(np.asarray(ids), position, logits, run.options["topk"])

    def _by_steps(self, *args: Any, **kwargs: Any) -> list[Any]:
        options, _ = self._split(kwargs)
        kwargs.pop("topk", None)
        results = []
        for ids, logits in self._tokens_by_steps(*args, return_tensors=True, **kwargs):
            found = np.flatnonzero(ids == self.tokenizer.mask_token_id)
            self.ensure_exactly_one_mask_token(found)
            results.append(self._fillings(ids, found[0], logits[found[0]], options["topk"]))
        return self._finish(results, options)

    def _mask_positions(self, encodings: Encodings, run: Run) -> np.ndarray:
        """Return the position of the mask token in each text, int64 `[inputs]`."""
        positions = np.empty(len(encodings.lengths), dtype=np.int64)
        for index, ids in enumerate(encodings.rows["input_ids"]):
            found = np.flatnonzero(np.asarray(ids) == self.tokenizer.mask_token_id)
            try:
                self.ensure_exactly_one_mask_token(found)
            except PipelineException as error:
                given = run.inputs[index]
                text = given if isinstance(given, str) else " ".join(given)  # a pair
                shown = text if len(text) <= 60 else text[:57] + "..."
                truncated = self.tokenizer.mask_token in text and not len(found)
                why = "; it is behind the part that the model can take" if truncated else ""
                message = f"{error} (input {run.first + index}: {shown!r}{why})"
                raise PipelineException(error.task, error.model, message) from None
            positions[index] = found[0]
        return positions

    def _fillings(self, ids: np.ndarray, position: int, logits: np.ndarray, topk: int) -> list[dict[str, Any]]:
        """Return the likeliest tokens for the position of the mask token, the likeliest first."""
        probabilities = softmax(logits)
        topk = min(topk, len(probabilities))
        best = np.argpartition(-probabilities, topk - 1)[:topk]
        best = best[np.argsort(-probabilities[best], kind="stable")]
        results = []
        for token in best.tolist():
            filled = np.where(np.arange(len(ids)) == position, token, ids)
            filled = filled[filled != self.tokenizer.pad_token_id]
            results.append(
                {
                    "sequence": self.tokenizer.decode(filled.tolist()),
                    "score": float(probabilities[token]),
                    "token": token,
                    "token_str": self.tokenizer.convert_ids_to_tokens(token),
                }
            )
        return results

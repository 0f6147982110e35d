"""Text classification: a label and its score for each text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from formers.pipelines.arrays import to_array
from formers.pipelines.base import Pipeline
from formers.pipelines.run import Run


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities along the last axis, float64, same shape."""
    exponentials = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


class TextClassificationPipeline(Pipeline):
    """Sentiment analysis and any other classification of whole texts.

    Args:
        return_all_scores: Whether to return the scores of all labels instead of the best one.
        **kwargs: See `Pipeline`.
    """

    _head = "ForSequenceClassification"

    def __init__(self, return_all_scores: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.return_all_scores = return_all_scores

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Classify texts.

        Args:
            *args: Texts or pairs of texts, or one list, column or generator of them.
            **kwargs: Options, see `Pipeline`.

        Returns:
            For each text `{"label": str, "score": float}`; with `return_all_scores` a list of these, one a label.
            A list also for a single text.
        """
        return super().__call__(*args, **kwargs)

    def _options(self) -> dict[str, Any]:
        return super()._options() | {"padding": False}

    def _finish(self, results: list[Any], options: Mapping[str, Any]) -> list[Any]:
        return results

    def _process(self, run: Run) -> Iterable[Any]:
        outputs = self._run_model(self._encode(run), run, own_only=False)
        return self._labelled(np.stack([logits for (logits,) in outputs]))

    def _by_steps(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._labelled(to_array(super()._by_steps(*args, **kwargs)))

    def _labelled(self, logits: np.ndarray) -> list[Any]:
        """Return the result of each row of logits, `[texts, labels]`."""
        scores = softmax(logits)
        names = self.model.config.id2label
        if self.return_all_scores:
            return [
                [{"label": names[label], "score": score} for label, score in enumerate(row)] for row in scores.tolist()
            ]
        best = scores.argmax(axis=-1)
        return [
            {"label": names[label], "score": score}
            for label, score in zip(best.tolist(), scores[np.arange(len(best)), best].tolist(), strict=True)
        ]

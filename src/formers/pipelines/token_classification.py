"""Token classification: named entities and other labels of single tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from formers.pipelines.base import Pipeline
from formers.pipelines.inputs import ArgumentHandler
from formers.pipelines.run import Run
from formers.pipelines.text_classification import softmax


class TokenClassificationPipeline(Pipeline):
    """Named entity recognition, part-of-speech tagging and the like.

    Args:
        model: A model with a token classification head.
        tokenizer: The model's tokenizer.
        modelcard: See `Pipeline`.
        framework: See `Pipeline`.
        args_parser: See `Pipeline`.
        device: See `Pipeline`.
        binary_output: See `Pipeline`.
        ignore_labels: Labels that are left out of the result.
        task: See `Pipeline`.
        grouped_entities: Whether neighbouring tokens with the same label become one entity.
        **kwargs: `batch_size` and `max_tokens`, see `Pipeline`.
    """

    default_input_names: ClassVar[Any] = "sequences"
    _head = "ForTokenClassification"
    _takes_pairs = False

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        modelcard: Any = None,
        framework: str | None = None,
        args_parser: ArgumentHandler | None = None,
        device: Any = -1,
        binary_output: bool = False,
        ignore_labels: Sequence[str] = ("O",),
        task: str = "",
        grouped_entities: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(model, tokenizer, modelcard, framework, task, args_parser, device, binary_output, **kwargs)
        self.ignore_labels = list(ignore_labels)
        self.grouped_entities = grouped_entities

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Label the tokens of texts.

        Args:
            *args: Texts, or one list, column or generator of them.
            **kwargs: Options, see `Pipeline`.

        Returns:
            For each text a list of `{"word": str, "score": float, "entity": str, "index": int}`, where `index` counts
            the tokens from 0, special tokens included; with `grouped_entities` a list of
            `{"entity_group": str, "score": float, "word": str}`. The list of a single text comes without the list of
            texts around it.
        """
        return super().__call__(*args, **kwargs)

    def group_entities(self, entities: list[dict[str, Any]]) -> dict[str, Any]:
        """Make one entity of tokens that belong together.

        Args:
            entities: Tokens as a call returns them, in order.

        Returns:
            The first token's label, the mean score, and the tokens' text.
        """
        return {
            "entity_group": entities[0]["entity"],
            "score": float(np.mean([entity["score"] for entity in entities])),
            "word": self.tokenizer.convert_tokens_to_string([entity["word"] for entity in entities]),
        }

    def _options(self) -> dict[str, Any]:
        return super()._options() | {"padding": False}

    def _finish(self, results: list[Any], options: Mapping[str, Any]) -> list[Any]:
        return results[0] if len(results) == 1 else results

    def _process(self, run: Run) -> Iterable[Any]:
        encodings = self._encode(run, limit=self.tokenizer.model_max_length)
        outputs = self._run_model(encodings, run)
        for ids, (logits,) in zip(encodings.rows["input_ids"], outputs, strict=True):
            yield self._found(ids, logits)

    def _by_steps(self, *args: Any, **kwargs: Any) -> list[Any]:
        results = [self._found(ids.tolist(), logits) for ids, logits in self._tokens_by_steps(*args, **kwargs)]
        return self._finish(results, self._options())

    def _found(self, ids: Sequence[int], logits: np.ndarray) -> list[dict[str, Any]]:
        """Return the result of one text."""
        entities = self._entities(ids, logits)
        return self._grouped(entities) if self.grouped_entities else entities

    def _entities(self, ids: Sequence[int], logits: np.ndarray) -> list[dict[str, Any]]:
        """Return the labelled tokens of one text; Python work only for those that are kept."""
        names = self.model.config.id2label
        ignored = [label for label, name in names.items() if name in self.ignore_labels]
        best = logits.argmax(axis=-1)
        kept = np.flatnonzero(~np.isin(best, ignored))
        labels = best[kept]
        scores = softmax(logits[kept])[np.arange(len(kept)), labels] if len(kept) else labels
        words = self.tokenizer.convert_ids_to_tokens([ids[index] for index in kept.tolist()])
        return [
            {"word": word, "score": score, "entity": names[label], "index": index}
            for word, score, label, index in zip(words, scores.tolist(), labels.tolist(), kept.tolist(), strict=True)
        ]

    def _grouped(self, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Make one entity of each run of neighbouring tokens with the same label."""
        runs: list[list[dict[str, Any]]] = []
        for entity in entities:
            last = runs[-1][-1] if runs else None
            if last and (last["entity"], last["index"] + 1) == (entity["entity"], entity["index"]):
                runs[-1].append(entity)
            else:
                runs.append([entity])
        groups = [self.group_entities(run) for run in runs]
        # v3.0.2 lists a last run twice unless it is a token by itself after another run. Scripts that were written
        # for it, and results that were recorded with it, have that entry; so have we.
        if runs and (len(runs) == 1 or len(runs[-1]) > 1):
            groups.append(dict(groups[-1]))
        return groups


NerPipeline = TokenClassificationPipeline

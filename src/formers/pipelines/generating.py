"""What the pipelines have in common whose models write text: arguments for `generate`, batches, results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from formers.generation.options import Options, resolve_options
from formers.pipelines.arrays import own_rows
from formers.pipelines.base import Pipeline
from formers.pipelines.encoding import Encodings, pad
from formers.pipelines.inputs import check_text
from formers.pipelines.run import Run

# Keywords of a call that are inputs; see `DefaultArgumentHandler`.
_INPUTS = ("X", "data", "documents", "text", "text_inputs", "texts")
# What `generate` is told by the pipeline itself.
_OURS = ("input_ids", "attention_mask")
# What a configuration has a value for.
_DEFAULTS = frozenset(field.name for field in fields(Options))


@dataclass(frozen=True)
class GenerateCall:
    """What a call of a pipeline asks of the model's `generate`.

    Attributes:
        arguments: Its arguments.
        options: What they and the configuration come to.
        asked: Names of the arguments that the caller gave; the others are those of the task.
    """

    arguments: Mapping[str, Any]
    options: Options
    asked: frozenset[str]

    @property
    def one_by_one(self) -> bool:
        """Tell whether each input needs a call of `generate` by itself."""
        return any(self.arguments.get(name) is not None for name in ("streamer", "stopping_criteria"))


@dataclass(frozen=True)
class NewTokens:
    """How many tokens follow each prompt.

    Attributes:
        minimum: Least number of them, int64 `[inputs]`.
        maximum: Largest number of them, int64 `[inputs]`.
    """

    minimum: np.ndarray
    maximum: np.ndarray

    def arguments(self, batch: np.ndarray, width: int) -> dict[str, Any]:
        """Return the arguments of `generate` for a batch of prompts that are padded to `width`."""
        longest = {"max_new_tokens": None, "max_length": width + int(self.maximum[batch].max())}
        minimum = int(self.minimum[batch].max())
        return longest | {"min_length": width + minimum if minimum else 0}


class GeneratingPipeline(Pipeline):
    """Base class of the pipelines whose models write text.

    Results of a text have keys `<key>_token_ids` and `<key>_text`, as `return_tensors` and `return_text` say.
    Keywords of a call that are not options of the pipeline are arguments of the model's `generate`.

    Args:
        model: A model with a head over the vocabulary.
        tokenizer: The model's tokenizer.
        **kwargs: See `Pipeline`.

    Raises:
        ValueError: If the model cannot do the task.
    """

    _needs_encoder: ClassVar[bool]
    _key: ClassVar[str]
    # Text comes slowly: what is asked for lazily should not have to wait for thousands of other inputs.
    _run_inputs = 256

    def __init__(self, model: Any, tokenizer: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(model, tokenizer, *args, **kwargs)
        _check_model(model, self._needs_encoder, self.task or type(self).__name__)
        self.prefix: str = self._task_parameters.value("prefix", model.config) or ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the pipeline.

        Args:
            *args: See `Pipeline`. Texts may also come as `text=`, `texts=`, `documents=` or `text_inputs=`.
            **kwargs: Options, see the class.

        Raises:
            ValueError: If there are no texts.
        """
        if not args and not any(name in kwargs for name in _INPUTS):
            found = sorted(kwargs.keys() - self._options().keys())
            among = f" among the keywords {', '.join(found)}" if found else ""
            raise ValueError(f"there are no texts{among}: pass them first, as nlp(texts), or as {'=, '.join(_INPUTS)}=")
        return super().__call__(*args, **kwargs)

    def _options(self) -> dict[str, Any]:
        return super()._options() | {
            "padding": False,
            "prefix": self.prefix,
            "return_tensors": False,
            "return_text": True,
            "clean_up_tokenization_spaces": False,
        }

    def _split(self, kwargs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        options, rest = super()._split(kwargs)
        ours = [name for name in _OURS if name in rest]
        if ours:
            raise TypeError(f"{' and '.join(ours)} cannot be given: the pipeline makes them of the texts")
        generate = {name: value for name, value in rest.items() if name not in _INPUTS}
        return options | {"generate": generate}, {name: rest[name] for name in _INPUTS if name in rest}

    def _texts(self, run: Run) -> list[str]:
        """Return what the model is to read: the texts of a run, each with the prefix."""
        prefix = run.options["prefix"]
        return [prefix + check_text(item, index) for index, item in enumerate(run.inputs, start=run.first)]

    def _is_stepwise(self) -> bool:
        if self._is_redefined("_forward"):
            raise TypeError(
                f"{type(self).__name__} has its own _forward, which nothing calls: the text is written by the model's "
                "generate(). Define generate() of the model, or __call__ of the pipeline, instead"
            )
        return False  # its own _parse_and_tokenize is called in place of the tokenizer

    def _encode(self, run: Run, limit: int | None = None) -> Encodings:
        if not self._is_redefined("_parse_and_tokenize"):
            return super()._encode(run, limit)
        inputs = self._parse_and_tokenize(
            list(run.inputs), padding=len(run.inputs) > 1, add_special_tokens=run.options["add_special_tokens"]
        )
        return Encodings.of({"input_ids": [ids[own].tolist() for ids, own in zip(*own_rows(inputs), strict=True)]})

    def _generate_call(self, options: Mapping[str, Any]) -> GenerateCall:
        """Return what the call asks of `generate`: what the caller gave, then what the task has."""
        config, arguments = self.model.config, dict(options["generate"])
        asked = frozenset(name for name, value in arguments.items() if value is not None)
        for name, value in self._task_parameters.values(config).items():
            longest = name == "max_length" and "max_new_tokens" in asked
            if name in _DEFAULTS and name not in asked and value is not None and not longest:
                arguments[name] = value
        if arguments.get("pad_token_id") is None and config.pad_token_id is None:
            # No result shows what is behind its end, so there is nothing to warn of.
            eos = config.eos_token_id if arguments.get("eos_token_id") is None else arguments["eos_token_id"]
            arguments["pad_token_id"] = eos[0] if isinstance(eos, list | tuple) else eos
        resolved = resolve_options(config, arguments, 1, arguments.get("max_new_tokens"))
        return GenerateCall(arguments, resolved, asked)

    def _generate(
        self,
        encodings: Encodings,
        run: Run,
        call: GenerateCall,
        new_tokens: NewTokens | None = None,
    ) -> list[list[np.ndarray]]:
        """Let the model write for every input, in well-filled batches.

        Args:
            encodings: The inputs' tokens.
            run: The run that they belong to.
            call: What is asked of `generate`.
            new_tokens: For a model that goes on from its prompts, in place of `min_length` and `max_length`.

        Returns:
            For each input its sequences, int64 `[length]`, without padding.
        """
        lengths = encodings.lengths
        results: list[list[np.ndarray]] = [[] for _ in lengths]
        if not len(lengths):
            return results

        def execute(batch: np.ndarray) -> np.ndarray:
            width = int(lengths[batch].max())
            side = "right" if new_tokens is None else "left"
            arrays = pad(encodings, batch, width, self.tokenizer, side=side, pad_token_id=call.options.filler)
            arrays.setdefault("attention_mask", np.ones_like(arrays["input_ids"]))
            accepted = self._execution.accepted
            inputs = {name: arrays[name] for name in _OURS if accepted is None or name in accepted}
            arguments = call.arguments
            if new_tokens is not None:
                arguments = {**arguments, **new_tokens.arguments(batch, width)}
            sequences = self._execution.generate(inputs, arguments)
            return sequences.reshape(len(batch), -1, sequences.shape[-1])

        for batch, sequences in self._generated_batches(lengths, run, execute, call, new_tokens):
            width = int(lengths[batch].max())
            for index, rows in zip(batch, sequences, strict=True):
                first, start, stop = 0, 1, None
                if new_tokens is not None:
                    first, start = width - int(lengths[index]), int(lengths[index])
                    stop = width + int(new_tokens.maximum[index])
                results[index] = [_until_end(row[first:stop], start, call.options.eos_token_id) for row in rows]
        return results

    def _generated_batches(
        self,
        lengths: np.ndarray,
        run: Run,
        execute: Callable[[np.ndarray], np.ndarray],
        call: GenerateCall,
        new_tokens: NewTokens | None,
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the batches and what `generate` gave for each."""
        if call.one_by_one:  # in their order: somebody may be watching
            for index in range(len(lengths)):
                batch = np.asarray([index])
                yield batch, execute(batch)
                run.advance(1)
            return
        new = call.options.max_length if new_tokens is None else int(new_tokens.maximum.max())
        # Every token is a call of the model, so that a batch costs as much as that many of them.
        yield from self._batches(
            lengths + new * call.options.num_beams,
            run,
            execute,
            overhead=self._execution.overhead * new,
            equal=new_tokens is not None and not self._may_pad(lengths, new_tokens, call.options),
        )

    def _may_pad(self, lengths: np.ndarray, new_tokens: NewTokens, wanted: Options) -> bool:
        """Tell whether prompts of different length, padded on the left, give what each gives alone."""
        accepted = self._execution.accepted
        if accepted is not None and not {"attention_mask", "position_ids"} <= accepted:
            return False
        if wanted.num_beams > 1 or new_tokens.minimum.any():  # they depend on the length, and padding would count
            return False
        return self._longest is None or int(lengths.max() + new_tokens.maximum.max()) <= self._longest

    def _record(self, ids: np.ndarray, text: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return a result as the call wants it."""
        record: dict[str, Any] = {}
        if options["return_tensors"]:
            record[f"{self._key}_token_ids"] = self._ids(ids)
        if options["return_text"]:
            record[f"{self._key}_text"] = text
        return record

    def _ids(self, ids: np.ndarray) -> Any:
        """Return token ids as results show them."""
        return self._execution.tensor(ids)

    def _text(self, ids: np.ndarray, options: Mapping[str, Any]) -> str:
        clean = options["clean_up_tokenization_spaces"]
        return self.tokenizer.decode(ids.tolist(), skip_special_tokens=True, clean_up_tokenization_spaces=clean)


def _check_model(model: Any, needs_encoder: bool, task: str) -> None:
    """Refuse a model that cannot do the task.

    Raises:
        ValueError: Naming the model's class, and what would fit.
    """
    name = type(model).__name__
    if needs_encoder and not model.config.is_encoder_decoder:
        raise ValueError(f"{name} has no encoder, which {task} needs: its task is text-generation")
    if not needs_encoder and model.config.is_encoder_decoder:
        raise ValueError(
            f"{name} has an encoder, and {task} needs a model that goes on from a text: the tasks of this one are "
            "text2text-generation, summarization and translation"
        )
    if not hasattr(model, "generate") or not model.scores_tokens():
        raise ValueError(
            f"{name} has no head over the vocabulary, which {task} needs: load the checkpoint with "
            f"{'AutoModelForSeq2SeqLM' if needs_encoder else 'AutoModelForCausalLM'}"
        )


def _until_end(row: np.ndarray, start: int, eos: int | None) -> np.ndarray:
    """Return the tokens of a sequence up to the one that ends it, which is looked for from `start` on."""
    if eos is None:
        return row
    ends = np.flatnonzero(row[start:] == eos)
    return row[: start + int(ends[0]) + 1] if len(ends) else row

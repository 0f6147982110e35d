"""What the pipelines have in common whose models write text: arguments for `generate`, batches, results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from formers.generation.options import Options, resolve_options
from formers.pipelines.base import Pipeline
from formers.pipelines.encoding import Encodings, pad
from formers.pipelines.inputs import Window, check_text

# Keywords of a call that are inputs; see `DefaultArgumentHandler`.
_INPUTS = ("X", "data")
# What `generate` is told by the pipeline itself.
_OURS = ("input_ids", "attention_mask")
# What a configuration has a value for.
_DEFAULTS = frozenset(field.name for field in fields(Options))


@dataclass(frozen=True)
class Wish:
    """What a call asks of `generate`.

    Attributes:
        arguments: Its arguments.
        options: What they and the configuration come to.
        of_task: Names of the arguments that are not the caller's: another pipeline of the model has set its own
            values in the configuration.
    """

    arguments: Mapping[str, Any]
    options: Options
    of_task: frozenset[str] = frozenset()

    @property
    def alone(self) -> bool:
        """Whether each input needs a call of `generate` of its own."""
        return any(self.arguments.get(name) is not None for name in ("streamer", "stopping_criteria"))


@dataclass(frozen=True)
class Room:
    """How many tokens follow each prompt.

    Attributes:
        least: No prompt's sequence ends before, int64 `[inputs]`.
        most: It ends there at the latest, int64 `[inputs]`.
    """

    least: np.ndarray
    most: np.ndarray

    def bounds(self, batch: np.ndarray, width: int) -> dict[str, Any]:
        """Arguments of `generate` for a batch of prompts that are padded to `width`."""
        bounds: dict[str, Any] = {"max_new_tokens": None, "max_length": width + int(self.most[batch].max())}
        least = int(self.least[batch].max())
        return bounds | {"min_length": width + least if least else 0}


class GeneratingPipeline(Pipeline):
    """Base class of the pipelines whose models write text.

    Results of a text have keys `<key>_token_ids` and `<key>_text`, as `return_tensors` and `return_text` say.
    Keywords of a call that are no options of the pipeline are arguments of the model's `generate`.

    Args:
        model: A model with a head over the vocabulary.
        tokenizer: The model's tokenizer.
        **kwargs: See `Pipeline`.

    Raises:
        ValueError: If the model cannot do the task.
    """

    _paired: ClassVar[bool]  # whether the model reads texts with an encoder of its own
    _key: ClassVar[str]
    # Text comes slowly: what is asked for lazily should not have to wait for thousands of other inputs.
    _window_inputs = 256

    def __init__(self, model: Any, tokenizer: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(model, tokenizer, *args, **kwargs)
        _check_model(model, self._paired, self.task or type(self).__name__)
        self.prefix: str = self._parameters.value("prefix") or ""

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

    def _texts(self, window: Window, options: dict[str, Any]) -> list[str]:
        """What the model is to read: the texts of a window, each with the prefix."""
        return [options["prefix"] + check_text(item, window.first + place) for place, item in enumerate(window.items)]

    def _wish(self, options: dict[str, Any]) -> Wish:
        """What the call asks of `generate`."""
        config, arguments = self.model.config, dict(options["generate"])
        of_task = {
            name: value
            for name, value in self._parameters.replaced().items()
            if name in _DEFAULTS and value is not None and arguments.get(name) is None
        }
        if arguments.get("max_new_tokens") is not None:
            of_task.pop("max_length", None)
        arguments |= of_task
        if arguments.get("pad_token_id") is None and config.pad_token_id is None:
            # No result shows what stands behind its end, so there is nothing to warn of.
            eos = config.eos_token_id if arguments.get("eos_token_id") is None else arguments["eos_token_id"]
            arguments["pad_token_id"] = eos[0] if isinstance(eos, list | tuple) else eos
        resolved = resolve_options(config, arguments, 1, arguments.get("max_new_tokens"))
        return Wish(arguments, resolved, frozenset(of_task))

    def _generate(
        self,
        encodings: Encodings,
        options: dict[str, Any],
        done: Callable[[float], None],
        wish: Wish,
        room: Room | None = None,
    ) -> list[list[np.ndarray]]:
        """Let the model write for every input, in well-filled batches.

        Args:
            encodings: The inputs' tokens.
            options: Options of the call.
            done: Told how many inputs a batch has finished.
            wish: What is asked of `generate`.
            room: For a model that goes on from its prompts, in place of `min_length` and `max_length`.

        Returns:
            For each input its sequences, int64 `[length]`, without padding.
        """
        lengths = encodings.lengths
        results: list[list[np.ndarray]] = [[] for _ in lengths]
        if not len(lengths):
            return results

        def execute(batch: np.ndarray) -> np.ndarray:
            width = int(lengths[batch].max())
            side = "right" if room is None else "left"
            arrays = pad(encodings, batch, width, self.tokenizer, side=side, filler=wish.options.filler)
            arrays.setdefault("attention_mask", np.ones_like(arrays["input_ids"]))
            accepted = self._execution.accepted
            inputs = {name: arrays[name] for name in _OURS if accepted is None or name in accepted}
            arguments = wish.arguments
            if room is not None:
                arguments = {**arguments, **room.bounds(batch, width)}
            sequences = self._execution.generate(inputs, arguments)
            return sequences.reshape(len(batch), -1, sequences.shape[-1])

        for batch, sequences in self._runs(lengths, options, done, execute, wish, room):
            width = int(lengths[batch].max())
            for index, rows in zip(batch, sequences, strict=True):
                first, start, stop = 0, 1, None
                if room is not None:
                    first, start = width - int(lengths[index]), int(lengths[index])
                    stop = width + int(room.most[index])
                results[index] = [_until_end(row[first:stop], start, wish.options.eos_token_id) for row in rows]
        return results

    def _runs(
        self,
        lengths: np.ndarray,
        options: dict[str, Any],
        done: Callable[[float], None],
        execute: Callable[[np.ndarray], np.ndarray],
        wish: Wish,
        room: Room | None,
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches and what `generate` gave for each."""
        if wish.alone:  # in their order: somebody may be watching
            for index in range(len(lengths)):
                batch = np.asarray([index])
                yield batch, execute(batch)
                done(1)
            return
        new = wish.options.max_length if room is None else int(room.most.max())
        # Every token is a call of the model, so that a batch costs as much as that many of them.
        yield from self._batches(
            lengths + new * wish.options.num_beams,
            options,
            done,
            execute,
            overhead=self._execution.overhead * new,
            equal=room is not None and not self._may_pad(lengths, room, wish.options),
        )

    def _may_pad(self, lengths: np.ndarray, room: Room, wanted: Options) -> bool:
        """Whether prompts of different length, padded on the left, give what each gives alone."""
        accepted = self._execution.accepted
        if accepted is not None and not {"attention_mask", "position_ids"} <= accepted:
            return False
        if wanted.num_beams > 1 or room.least.any():  # they depend on the length, and padding would count
            return False
        return self._longest is None or int(lengths.max() + room.most.max()) <= self._longest

    def _record(self, ids: np.ndarray, text: str, options: dict[str, Any]) -> dict[str, Any]:
        """A result as the call wants it."""
        record: dict[str, Any] = {}
        if options["return_tensors"]:
            record[f"{self._key}_token_ids"] = self._ids(ids)
        if options["return_text"]:
            record[f"{self._key}_text"] = text
        return record

    def _ids(self, ids: np.ndarray) -> Any:
        """Token ids as results show them."""
        return self._execution.tensor(ids)

    def _text(self, ids: np.ndarray, options: dict[str, Any]) -> str:
        clean = options["clean_up_tokenization_spaces"]
        return self.tokenizer.decode(ids.tolist(), skip_special_tokens=True, clean_up_tokenization_spaces=clean)


def _check_model(model: Any, paired: bool, task: str) -> None:
    """Refuse a model that cannot do the task.

    Raises:
        ValueError: Naming the model's class, and what would fit.
    """
    name = type(model).__name__
    if paired and not model.config.is_encoder_decoder:
        raise ValueError(f"{name} has no encoder, which {task} needs: its task is text-generation")
    if not paired and model.config.is_encoder_decoder:
        raise ValueError(
            f"{name} has an encoder, and {task} needs a model that goes on from a text: the tasks of this one are "
            "text2text-generation, summarization and translation"
        )
    if not hasattr(model, "generate") or model.get_output_embeddings() is None:
        raise ValueError(
            f"{name} has no head over the vocabulary, which {task} needs: load the checkpoint with "
            f"{'AutoModelForSeq2SeqLM' if paired else 'AutoModelForCausalLM'}"
        )


def _until_end(row: np.ndarray, start: int, eos: int | None) -> np.ndarray:
    """The tokens of a sequence up to the one that ends it, which is looked for from `start` on."""
    if eos is None:
        return row
    ends = np.flatnonzero(row[start:] == eos)
    return row[: start + int(ends[0]) + 1] if len(ends) else row

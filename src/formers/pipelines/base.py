"""The frame of every pipeline: inputs -> tokens -> sorted batches -> model -> results in the order of the inputs."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import numpy as np

from formers.files import make_folder
from formers.pipelines import batching
from formers.pipelines.arrays import own_rows, to_array
from formers.pipelines.encoding import Encodings, encode, longest_input, own_tokens, pad
from formers.pipelines.execution import execution_for
from formers.pipelines.heads import check_head
from formers.pipelines.inputs import ArgumentHandler, DefaultArgumentHandler, as_inputs, check_text, check_text_or_pair
from formers.pipelines.progress import Progress
from formers.pipelines.run import Run, runs
from formers.pipelines.task_parameters import TaskParameters


class PipelineException(Exception):
    """An input that a pipeline cannot work on.

    Args:
        task: The pipeline's task.
        model: Name of the model.
        reason: What is wrong.
    """

    def __init__(self, task: str, model: str, reason: str) -> None:
        super().__init__(reason)
        self.task = task
        self.model = model


def get_framework(model: Any = None) -> str:
    """Tell the framework of a model, or the one that is installed.

    Args:
        model: A model, or a name or folder, which says nothing about the framework.

    Returns:
        `"pt"` for PyTorch, `"tf"` for TensorFlow.

    Raises:
        RuntimeError: If neither is installed.
    """
    from formers.frameworks import is_tf_available, is_torch_available

    if model is not None and not isinstance(model, str | os.PathLike):
        return "tf" if type(model).__name__.startswith("TF") else "pt"
    if is_torch_available():
        return "pt"
    if is_tf_available():
        return "tf"
    raise RuntimeError(
        "pipelines need PyTorch or TensorFlow, and neither is installed: "
        "run `pip install formers[torch]` or `pip install formers[tf]`"
    )


class _ScikitCompat(ABC):
    """What scikit-learn expects of an estimator."""

    @abstractmethod
    def transform(self, X: Any) -> Any:  # noqa: N803 (the documented name)
        """Return the results for inputs."""

    @abstractmethod
    def predict(self, X: Any) -> Any:  # noqa: N803
        """Return the results for inputs."""


class Pipeline(_ScikitCompat):
    """Base class of the pipelines: one text, several, a list or a generator in; a result for each out.

    Inputs are tokenized together, sorted by length and run in batches under a budget of tokens; the results come in
    the order of the inputs. A batch that does not fit into memory is halved. Called itself, this class returns
    the model's first output as an array; a task's pipeline makes something readable of it.

    A subclass may override `_parse_and_tokenize` and `_forward`: a call then hands its arguments to the one and what
    that returns to the other, as one batch.

    Options of a call: `batch_size` and `max_tokens` (bounds of a batch), `progress` (True, False, or None: a bar once
    the work takes more than a few seconds), `add_special_tokens`.

    Args:
        model: A model with the head of the task.
        tokenizer: The model's tokenizer.
        modelcard: The model's card, kept and saved along.
        framework: `"pt"` or `"tf"`; by default that of the model.
        task: Name of the task; what the configuration's `task_specific_params` have for it holds for this pipeline,
            and for no other that shares the model.
        args_parser: Turns the arguments of a call into inputs.
        device: -1 for the CPU, the index of an accelerator, or a name such as `"cuda:0"`.
        binary_output: Whether results are meant to be stored in a binary format (used by the command line).
        batch_size: Most inputs of a batch, by default bounded by `max_tokens` alone.
        max_tokens: Most tokens of a batch, padding included; by default what suits the device.
    """

    default_input_names: ClassVar[Any] = None
    # Ending of the names of the classes of models that do the task, where another head would give wrong results.
    _head: ClassVar[str | None] = None
    # Parts of a model that the task does not use, so that their weights may be missing.
    _unused_parts: ClassVar[frozenset[str]] = frozenset()
    # Whether an input may be a pair of texts.
    _takes_pairs: ClassVar[bool] = True
    # Most inputs of a run, where not as many as suit a single call of a model.
    _run_inputs: ClassVar[int | None] = None

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        modelcard: Any = None,
        framework: str | None = None,
        task: str = "",
        args_parser: ArgumentHandler | None = None,
        device: Any = -1,
        binary_output: bool = False,
        batch_size: int | None = None,
        max_tokens: int | None = None,
    ) -> None:
        if not hasattr(model, "config"):
            inner = getattr(model, "module", None)  # of DataParallel and the like
            wanted = "a model of formers" if inner is None else f"the {type(inner).__name__} in it, model.module"
            raise TypeError(f"the model is a {type(model).__name__} and has no config: pass {wanted}")
        self.task = task
        self.tokenizer = tokenizer
        self.modelcard = modelcard
        self.framework = framework or get_framework(model)
        self.binary_output = binary_output
        self.model = model
        check_head(model, self._head, task or type(self).__name__)
        self._args_parser = args_parser or DefaultArgumentHandler()
        self._execution = execution_for(model, self.framework, device)
        self.device = getattr(self._execution, "device", device)
        self.batch_size = batch_size
        self.max_tokens = max_tokens
        self._longest = longest_input(model)
        self._task_parameters = TaskParameters(model.config, task)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the pipeline.

        Args:
            *args: Texts, or one list, column or generator of them, with pairs of texts among them where the task takes
                these; `X=` and `data=` do the same.
            **kwargs: Options, see the class.

        Returns:
            The task's results, one an input.

        Raises:
            TypeError: If an input is not a string; the message names its index.
        """
        if self._is_stepwise():
            return self._by_steps(*args, **kwargs)
        options, texts = self._split(kwargs)
        return self._finish(list(self._results(self._args_parser(*args, **texts), options)), options)

    def stream(self, inputs: Any, **options: Any) -> Iterator[Any]:
        """Run the pipeline lazily: results are given as soon as their window of inputs is done.

        Args:
            inputs: Any iterable, also an endless one.
            **options: Options, see the class.

        Yields:
            One result an input, in order: an array, a label, a list of entities, answers or words.
        """
        known, unknown = self._split(options)
        if unknown:
            raise TypeError(f"unknown options {sorted(unknown)}; there are {sorted(self._options())}")
        if self._is_stepwise():
            raise TypeError(
                f"{type(self).__name__} has its own _parse_and_tokenize or _forward, which take the inputs of a call "
                "as one batch, and stream() reads them bit by bit: call the pipeline with each bit"
            )
        if self._in_one_run(known):
            known["padding"] = False
        yield from self._results(as_inputs(inputs), known)

    def predict(self, X: Any) -> Any:  # noqa: N803 (the documented name)
        """Call the pipeline: the method that scikit-learn expects."""
        return self(X=X)

    def transform(self, X: Any) -> Any:  # noqa: N803
        """Call the pipeline: the method that scikit-learn expects."""
        return self(X=X)

    def save_pretrained(self, save_directory: str | os.PathLike[str]) -> None:
        """Save the model, the tokenizer and the card, so that `pipeline(task, model=save_directory)` loads them.

        Args:
            save_directory: A folder, which is made if need be.

        Raises:
            NotADirectoryError: If it is a file.
        """
        make_folder(save_directory)
        self.model.save_pretrained(save_directory)
        self.tokenizer.save_pretrained(save_directory)
        if self.modelcard is not None:
            self.modelcard.save_pretrained(save_directory)

    def device_placement(self) -> AbstractContextManager[Any]:
        """Return a context in which tensors are made on the pipeline's device, whatever the framework."""
        return self._execution.placement()

    def ensure_tensor_on_device(self, **inputs: Any) -> dict[str, Any]:
        """Move PyTorch tensors to the pipeline's device.

        Args:
            **inputs: Tensors by name.

        Returns:
            The same names with the tensors on the device.
        """
        return {name: tensor.to(self.device) for name, tensor in inputs.items()}

    # What a task's pipeline may change.

    def _options(self) -> dict[str, Any]:
        """Return the options of a call and their defaults."""
        return {
            "batch_size": self.batch_size,
            "max_tokens": self.max_tokens,
            "progress": None,
            "add_special_tokens": True,
            "padding": True,
        }

    def _in_one_run(self, options: Mapping[str, Any]) -> bool:
        """Tell whether inputs depend on each other, so that all must be read before the first is worked on."""
        return options["padding"]

    def _process(self, run: Run) -> Iterable[Any]:
        """Return the results of a run, one an input, in order."""
        encodings = self._encode(run)
        width = int(encodings.lengths.max()) if run.options["padding"] else None
        outputs = [output for (output,) in self._run_model(encodings, run, width=width, own_only=False)]
        return [
            own_tokens(output, width or length, self.tokenizer) if output.ndim > 1 else output
            for output, length in zip(outputs, encodings.lengths.tolist(), strict=True)
        ]

    def _finish(self, results: list[Any], options: Mapping[str, Any]) -> Any:
        """Make what a call returns of the results of all inputs."""
        return np.stack(results) if options["padding"] and results else results

    # What subclasses that were written for the documented base class call in their `__call__`, or override.

    def _is_stepwise(self) -> bool:
        """Tell whether the steps below are not this class's own, so that a call must go through them."""
        return self._is_redefined("_parse_and_tokenize") or self._is_redefined("_forward")

    def _is_redefined(self, step: str) -> bool:
        return getattr(getattr(self, step), "__func__", None) is not _STEPS[step]

    def _by_steps(self, *args: Any, **kwargs: Any) -> Any:
        """Return the results of a call that goes through the steps; a task's pipeline makes its own of them."""
        return self._forward(self._parse_and_tokenize(*args, **kwargs))

    def _tokens_by_steps(
        self, *args: Any, return_tensors: bool = False, **kwargs: Any
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the token ids of each input `[seq]` and the model's output for them `[seq, ...]`, without padding."""
        inputs = self._parse_and_tokenize(*args, **kwargs)
        outputs = to_array(self._forward(inputs, return_tensors=True) if return_tensors else self._forward(inputs))
        for ids, own, output in zip(*own_rows(inputs), outputs, strict=True):
            yield ids[own], output[own]

    def _parse_and_tokenize(
        self, *args: Any, padding: bool | str = True, add_special_tokens: bool = True, **kwargs: Any
    ) -> Any:
        """Tokenize the inputs of a call as one batch of tensors.

        Args:
            *args: Inputs, as a call takes them.
            padding: As for the tokenizer.
            add_special_tokens: As for the tokenizer.
            **kwargs: Inputs by keyword; options of a call are passed over, since there is one batch.

        Returns:
            What the tokenizer returns, with tensors of the pipeline's framework.
        """
        texts = list(self._args_parser(*args, **self._split(kwargs)[1]))
        return self.tokenizer(
            texts, add_special_tokens=add_special_tokens, return_tensors=self.framework, padding=padding
        )

    def _forward(self, inputs: Mapping[str, Any], return_tensors: bool = False) -> Any:
        """Run the model on one batch, without gradients.

        Args:
            inputs: Tensors by name, *shape* `[batch, seq]`.
            return_tensors: Whether to return a tensor on the CPU instead of an array.

        Returns:
            The model's first output, float32.
        """
        accepted = self._execution.accepted
        arrays = {name: to_array(value) for name, value in inputs.items() if accepted is None or name in accepted}
        (output,) = self._execution(arrays)
        return self._execution.tensor(output) if return_tensors else output

    # What they share.

    def _split(self, kwargs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Split the keywords of a call into all options and the rest, which are inputs."""
        options = self._options()
        options |= {name: kwargs[name] for name in kwargs if name in options}
        for name in ("batch_size", "max_tokens"):
            value = options[name]
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise ValueError(f"{name} is {value!r}, expected a number of at least 1 or None")
        return options, {name: value for name, value in kwargs.items() if name not in options}

    def _results(self, inputs: Iterable[Any], options: Mapping[str, Any]) -> Iterator[Any]:
        total = len(inputs) if isinstance(inputs, Sized) else None
        with Progress(total, self.task or type(self).__name__, options["progress"]) as progress:
            whole, size = self._in_one_run(options), self._run_inputs
            for run in runs(inputs, options, progress.advance, whole=whole, size=size):
                yield from self._process(run)

    def _encode(self, run: Run, limit: int | None = None) -> Encodings:
        """Tokenize the texts of a run, truncated to `limit` and to what the model can take."""
        check = check_text_or_pair if self._takes_pairs else check_text
        texts = [check(item, index) for index, item in enumerate(run.inputs, start=run.first)]
        limit = min((bound for bound in (limit, self._longest) if bound is not None), default=None)
        return encode(self.tokenizer, texts, limit, run.first, run.options["add_special_tokens"])

    def _run_model(
        self,
        encodings: Encodings,
        run: Run,
        *,
        outputs: int = 1,
        at: np.ndarray | None = None,
        width: int | None = None,
        own_only: bool = True,
    ) -> list[tuple[np.ndarray, ...]]:
        """Run the model on every input, in well-filled batches.

        Args:
            encodings: The inputs' tokens.
            run: The run that they belong to.
            outputs: How many of the model's outputs are wanted.
            at: Position of each input at which alone the output is wanted, int64 `[inputs]`.
            width: Length that every input is padded to; outputs then keep this padding.
            own_only: Whether outputs are `[seq, ...]`, of which the input's own tokens (or `width`) are wanted.

        Returns:
            The outputs of each input, in the order of the inputs.
        """
        execution, tokenizer = self._execution, self.tokenizer
        lengths = encodings.lengths
        results: list[tuple[np.ndarray, ...]] = [()] * len(lengths)

        def execute(batch: np.ndarray) -> tuple[np.ndarray, ...]:
            longest = width or int(lengths[batch].max())
            steps = execution.width(longest)
            arrays = pad(encodings, batch, min(steps, max(self._longest or steps, longest)), tokenizer)
            where = None
            if at is not None:
                shift = arrays["input_ids"].shape[1] - lengths[batch] if tokenizer.padding_side == "left" else 0
                where = at[batch] + shift
            accepted = execution.accepted
            inputs = {name: array for name, array in arrays.items() if accepted is None or name in accepted}
            return execution(inputs, outputs, where)

        for batch, arrays in self._batches(lengths, run, execute, width=width):
            for row, index in enumerate(batch):
                found = tuple(array[row] for array in arrays)
                if at is None and own_only:
                    found = tuple(own_tokens(output, width or int(lengths[index]), tokenizer) for output in found)
                results[index] = found
        return results

    def _batches(
        self,
        lengths: np.ndarray,
        run: Run,
        execute: Callable[[np.ndarray], Any],
        *,
        width: int | None = None,
        overhead: int | None = None,
        equal: bool = False,
    ) -> Iterator[tuple[np.ndarray, Any]]:
        """Execute all inputs in batches that suit the device.

        Args:
            lengths: Tokens of each input, int64 `[inputs]`.
            run: The run that the inputs belong to.
            execute: Called with the indices of a batch.
            width: Length that every batch is padded to, if not its own longest.
            overhead: Cost of one more batch, in tokens, if not that of one call of the model.
            equal: Whether the inputs of a batch must have one length.

        Yields:
            The indices of a batch and what `execute` returned.
        """
        execution, options = self._execution, run.options
        limits = batching.Limits(
            options["max_tokens"] or execution.max_tokens,
            options["batch_size"],
            execution.overhead if overhead is None else overhead,
            equal,
        )
        for batch, result in batching.run(lengths, limits, execute, execution.is_out_of_memory, width):
            yield batch, result
            run.advance(len(batch))
        if options["max_tokens"] is None and limits.max_tokens < execution.max_tokens:
            execution.max_tokens = limits.max_tokens  # memory ran out: begin smaller next time


# The steps as they are here, whatever is put in their place later.
_STEPS = {name: vars(Pipeline)[name] for name in ("_parse_and_tokenize", "_forward")}

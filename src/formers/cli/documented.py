"""The documented commands as classes, which old code builds and runs by itself.

The command line of this library is in the modules beside this one; these are the same work under the documented names.
"""

from __future__ import annotations

import argparse
import os
from abc import ABC, abstractmethod
from typing import Any

from formers.cli.convert import convert_original
from formers.cli.download import fetch
from formers.cli.env import environment
from formers.pipelines import Pipeline, PipelineDataFormat


class BaseTransformersCLICommand(ABC):
    """Base class of the commands."""

    @staticmethod
    @abstractmethod
    def register_subcommand(parser: Any) -> None:
        """Add the command to the subparsers of an argument parser."""

    @abstractmethod
    def run(self) -> Any:
        """Do the work."""


class ConvertCommand(BaseTransformersCLICommand):
    """Writes a checkpoint of a family's original TensorFlow code for `torch.load`.

    Args:
        model_type: The family, such as `"bert"`.
        tf_checkpoint: The checkpoint.
        pytorch_dump_output: File to write.
        config: JSON file of its configuration.
        finetuning_task_name: Accepted for old code: no family here needs it.
        *args: Accepted for old code.
    """

    def __init__(
        self,
        model_type: str,
        tf_checkpoint: str,
        pytorch_dump_output: str,
        config: str,
        finetuning_task_name: str | None = None,
        *args: Any,
    ) -> None:
        del finetuning_task_name, args
        self._model_type, self._checkpoint, self._config = model_type, tf_checkpoint, config
        self._output = pytorch_dump_output

    @staticmethod
    def register_subcommand(parser: Any) -> None:
        """Add `convert` to the subparsers of an argument parser."""
        command = parser.add_parser("convert", help="convert a checkpoint of a family's original TensorFlow code")
        command.add_argument("--model_type", required=True, help="family of the model, such as bert")
        command.add_argument("--tf_checkpoint", required=True, help="path of the TensorFlow checkpoint")
        command.add_argument("--pytorch_dump_output", required=True, help="file to write")
        command.add_argument("--config", default="", help="JSON file of the configuration")
        command.add_argument("--finetuning_task_name", help="not used")
        command.set_defaults(func=convert_command_factory)

    def run(self) -> None:
        """Convert the checkpoint."""
        convert_original(self._model_type, self._checkpoint, self._config, self._output, overwrite=True)


def convert_command_factory(args: argparse.Namespace) -> ConvertCommand:
    """Make the command of parsed arguments."""
    return ConvertCommand(
        args.model_type, args.tf_checkpoint, args.pytorch_dump_output, args.config, args.finetuning_task_name
    )


class DownloadCommand(BaseTransformersCLICommand):
    """Gets a model and its tokenizer into the cache.

    Args:
        model: Name on the hub.
        cache: Folder of the cache, or None.
        force: Whether to download what the cache has already.
    """

    def __init__(self, model: str, cache: str | None, force: bool) -> None:
        self._model, self._cache, self._force = model, cache, force

    @staticmethod
    def register_subcommand(parser: Any) -> None:
        """Add `download` to the subparsers of an argument parser."""
        command = parser.add_parser("download", help="get a model's files into the cache")
        command.add_argument("--cache-dir", dest="cache_dir", help="folder of the cache")
        command.add_argument("--force", action="store_true", help="download what is in the cache already")
        command.add_argument("model", help="name on the hub")
        command.set_defaults(func=download_command_factory)

    def run(self) -> None:
        """Download the files."""
        fetch(self._model, self._cache, self._force)


def download_command_factory(args: argparse.Namespace) -> DownloadCommand:
    """Make the command of parsed arguments."""
    return DownloadCommand(args.model, args.cache_dir, args.force)


class EnvironmentCommand(BaseTransformersCLICommand):
    """Prints the versions that a report of a problem should name."""

    @staticmethod
    def register_subcommand(parser: Any) -> None:
        """Add `env` to the subparsers of an argument parser."""
        parser.add_parser("env", help="print the versions").set_defaults(func=info_command_factory)

    @staticmethod
    def format_dict(d: dict[str, Any]) -> str:
        """Write facts as a list."""
        return "\n".join(f"- {what}: {value}" for what, value in d.items()) + "\n"

    def run(self) -> dict[str, str]:
        """Print the versions and return them."""
        facts = environment()
        print(self.format_dict(facts))
        return facts


def info_command_factory(_: argparse.Namespace) -> EnvironmentCommand:
    """Make the command of parsed arguments."""
    return EnvironmentCommand()


class RunCommand(BaseTransformersCLICommand):
    """Runs a pipeline on the inputs of a file and saves what it says.

    Args:
        nlp: The pipeline.
        reader: Where inputs come from and results go to.
    """

    def __init__(self, nlp: Pipeline, reader: PipelineDataFormat) -> None:
        self._nlp, self._reader = nlp, reader

    @staticmethod
    def register_subcommand(parser: Any) -> None:
        """Add `run` to the subparsers of an argument parser."""
        command = parser.add_parser("run", help="run a pipeline on a file")
        command.add_argument("--task", required=True, help="task to run")
        command.add_argument("--input", help="file to read inputs from")
        command.add_argument("--output", help="file to save results to")
        command.add_argument("--model", help="name or folder of the model")
        command.add_argument("--config", help="name or folder of the configuration")
        command.add_argument("--tokenizer", help="name or folder of the tokenizer")
        command.add_argument("--column", help="column of the inputs; for question answering question=a,context=b")
        command.add_argument("--format", default="infer", choices=("infer", *PipelineDataFormat.SUPPORTED_FORMATS))
        command.add_argument("--device", type=int, default=-1, help="index of the GPU; -1 is the CPU")
        command.add_argument("--overwrite", action="store_true", help="replace the output file if it is there")
        command.set_defaults(func=run_command_factory)

    def run(self) -> None:
        """Run the pipeline on all inputs, then save the results."""
        results: list[Any] = []
        for result in self._nlp.stream(self._reader):
            results += result if isinstance(result, list) else [result]
        if self._nlp.binary_output:
            print(f"results are saved in {self._reader.save_binary(results)}")
        else:
            self._reader.save(results)


def run_command_factory(args: argparse.Namespace) -> RunCommand:
    """Make the command of parsed arguments."""
    from formers.pipelines import pipeline

    nlp = pipeline(
        args.task,
        model=args.model or None,
        config=args.config,
        tokenizer=args.tokenizer,
        device=args.device,
    )
    kind = try_infer_format_from_ext(args.input) if args.format == "infer" else args.format
    column = args.column or nlp.default_input_names
    return RunCommand(nlp, PipelineDataFormat.from_str(kind, args.output, args.input, column, args.overwrite))


def try_infer_format_from_ext(path: str | None) -> str:
    """Tell the format of a file by its ending; without a file it is a pipe.

    Raises:
        ValueError: If the ending is unknown.
    """
    if not path:
        return "pipe"
    ending = os.path.splitext(path)[1].removeprefix(".")
    if ending in PipelineDataFormat.SUPPORTED_FORMATS:
        return ending
    raise ValueError(
        f"{path!r} does not end in one of {', '.join(PipelineDataFormat.SUPPORTED_FORMATS)}: say which format it has"
    )

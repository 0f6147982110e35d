"""`formers pipeline`: texts in, results out."""

from __future__ import annotations

import argparse
import json
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from formers.cli.formats import reader_for, writer_for
from formers.generation.streamers import TextStreamer
from formers.pipelines import QuestionAnsweringPipeline, TextGenerationPipeline
from formers.pipelines.generating import GeneratingPipeline
from formers.pipelines.registry import pipeline
from formers.pipelines.tasks import find_task

# What JSON spells otherwise.
_CONSTANTS = {"True": True, "False": False, "None": None}


def configure(parser: argparse.ArgumentParser) -> None:
    """Say what the command's arguments are."""
    parser.description = (
        "Run a pipeline on texts, a file, or standard input (one text a line). "
        "For question-answering the texts are questions, and --context is what to look for answers in."
    )
    parser.add_argument("words", nargs="*", metavar="TASK TEXT", help="the task, then texts to work on")
    parser.add_argument("--task", help="the task, if it is not the first word")
    parser.add_argument("--model", help="name on the hub, folder, or 'starter' for the bundled one")
    parser.add_argument("--tokenizer", help="name or folder, if it is not the model's")
    parser.add_argument("--config", help="name or folder, if it is not the model's")
    parser.add_argument("--framework", choices=("pt", "tf"), help="PyTorch or TensorFlow")
    parser.add_argument("--device", type=int, default=-1, help="number of the GPU; -1 (default) is the CPU")
    parser.add_argument("--context", help="question-answering: the text to look for answers in")
    parser.add_argument("--input", metavar="FILE", help="read inputs from a .csv, .json or .txt file")
    parser.add_argument("--output", metavar="FILE", help="write results to a file instead of the terminal")
    parser.add_argument(
        "--column", default="", help="csv, json: what to read; several as 'question=q,context=c' (ours=the file's)"
    )
    parser.add_argument("--format", default="infer", choices=("infer", "csv", "json", "pipe", "txt"))
    parser.add_argument("--overwrite", action="store_true", help="replace the output file if it is there")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the pipeline's call, such as max_length=60 or return_all_scores=true; may come again",
    )
    parser.add_argument("--stream", action="store_true", help="tasks that write text: print it as it comes")
    parser.add_argument("--json", action="store_true", help="print results as JSON, one a line")
    parser.set_defaults(execute=execute, error=parser.error)


def execute(arguments: argparse.Namespace) -> int:
    """Run the pipeline and print or write what it says."""
    words = list(arguments.words)
    if not arguments.task and not words:
        arguments.error("which task? e.g. formers pipeline sentiment-analysis 'What a day.'")
    task = arguments.task or words.pop(0)
    try:
        find_task(task)
    except KeyError as error:
        arguments.error(error.args[0])
    if (arguments.context is not None) != (bool(words) and task == "question-answering"):
        arguments.error("question-answering takes questions as words and --context TEXT; no other task takes one")
    if words and arguments.input:
        arguments.error("texts come either as words or from --input, not both")
    if arguments.stream and arguments.output:
        arguments.error("--stream prints text as it comes, and --output writes it to a file: use one of them")
    options = dict(_option(text, arguments.error) for text in arguments.set)
    writer = None
    if arguments.output:
        writer = writer_for(arguments.format, arguments.output, arguments.overwrite)
    if arguments.context is not None:
        inputs: Iterable[Any] = [{"question": question, "context": arguments.context} for question in words]
    else:
        inputs = words or reader_for(arguments.format, arguments.input, arguments.column)

    nlp = pipeline(
        task,
        model=arguments.model,
        config=arguments.config,
        tokenizer=arguments.tokenizer,
        framework=arguments.framework,
        device=arguments.device,
    )
    if arguments.stream:
        if not isinstance(nlp, GeneratingPipeline):
            arguments.error(f"--stream prints text as it comes, and {task} does not write text")
        streamer = TextStreamer(nlp.tokenizer, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        for _ in nlp.stream(inputs, **options, streamer=streamer):
            pass
    elif writer is not None:
        values = list(_results(nlp, inputs, options))
        try:
            writer.save(values)
        except TypeError as error:  # a table takes one row a result, and this task gives several or none
            raise ValueError(f"{arguments.output}: {error}; write them to a .json or .txt file instead") from error
        print(f"{len(values)} results written to {arguments.output}", file=sys.stderr)
    else:
        _print(nlp, inputs, options, arguments.json)
    return 0


def _option(text: str, error: Callable[[str], NoReturn]) -> tuple[str, Any]:
    """Split `NAME=VALUE`; the value is JSON, a constant as Python writes it, or else text."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        error(f"--set {text!r}: expected NAME=VALUE, such as max_length=60")
    if value in _CONSTANTS:
        return name, _CONSTANTS[value]
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _results(nlp: Any, inputs: Iterable[Any], options: dict[str, Any]) -> Iterator[Any]:
    """Yield one result an input, made of what JSON knows."""
    for result in nlp.stream(inputs, **options):
        # Several come only on request.
        alone = isinstance(nlp, QuestionAnsweringPipeline | TextGenerationPipeline) and len(result) == 1
        yield plain(result[0] if alone else result)


def _print(nlp: Any, inputs: Iterable[Any], options: dict[str, Any], as_json: bool) -> None:
    """Print each result as soon as it is there, beside the text it belongs to."""
    texts: deque[Any] = deque()

    def noting() -> Iterator[Any]:
        for text in inputs:
            texts.append(text)
            yield text

    for value in _results(nlp, noting(), options):
        text = texts.popleft()
        print(json.dumps(value, ensure_ascii=False) if as_json else as_line(value, text), flush=True)


def plain(value: Any) -> Any:
    """Return a result as what JSON knows: lists, dictionaries, text, integers and floats."""
    if hasattr(value, "tolist"):  # a NumPy array or number
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def as_line(value: Any, text: Any) -> str:
    """Write a result for people: label, score and text where it has a label, text that was written, else JSON."""
    rows = value if isinstance(value, list) else [value]
    if rows and all(isinstance(row, dict) and len(row) == 1 and str(*row).endswith("_text") for row in rows):
        return "\n".join(written for row in rows for written in row.values())
    if len(rows) == 1 and isinstance(rows[0], dict) and rows[0].keys() == {"label", "score"}:
        return f"{rows[0]['label']:<10} {rows[0]['score']:.4f}  {text}"
    return json.dumps(value, ensure_ascii=False)

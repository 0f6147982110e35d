"""Extractive question answering: the span of a text that answers a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from unicodedata import category

import numpy as np

from formers.data.squad import ContextTokens, ContextWindow, SquadExample, context_windows, tokenize_contexts
from formers.pipelines.base import Pipeline
from formers.pipelines.encoding import Encodings
from formers.pipelines.inputs import ArgumentHandler, as_inputs, logger
from formers.pipelines.run import Run
from formers.pipelines.text_classification import softmax


class QuestionAnsweringArgumentHandler(ArgumentHandler):
    """Takes `question=` and `context=` (strings or lists), dicts, `SquadExample`s, lists of them, `X=` and `data=`."""

    def __call__(self, *args: Any, **kwargs: Any) -> list[SquadExample] | Iterator[SquadExample]:
        """Return the examples; one by one if an iterator of them was passed.

        Raises:
            ValueError: If the arguments hold no questions, or something else.
        """
        unknown = sorted(kwargs.keys() - {"question", "context", "X", "data"})
        if unknown:
            raise ValueError(
                f"unknown keywords {', '.join(unknown)}: questions come as question= and context=, X= or data=, and "
                "the class lists the options of a call"
            )
        if args and kwargs:
            raise ValueError(f"questions came both as arguments and as keywords ({', '.join(sorted(kwargs))})")
        for name in ("X", "data"):
            if name in kwargs:
                args = (kwargs[name],)
        if set(kwargs) == {"question", "context"}:
            args = (self._pairs(as_inputs(kwargs["question"]), as_inputs(kwargs["context"])),)
        if args:
            examples = self._examples(args)
            return examples if any(isinstance(value, Iterator) for value in args) else list(examples)
        raise ValueError(
            f"no questions among the arguments {sorted(kwargs)}: pass question= and context=, "
            "a dict with these keys, a SquadExample, or a list of either"
        )

    def _pairs(self, questions: Iterable[Any], contexts: Iterable[Any]) -> list[dict[str, Any]]:
        questions, contexts = list(questions), list(contexts)
        if len(questions) != len(contexts):
            logger.warning(
                "questions: %d, contexts: %d. Only the first %d are paired and answered; pass lists of the same length",
                len(questions), len(contexts), min(len(questions), len(contexts)),
            )  # fmt: skip
        return [{"question": q, "context": c} for q, c in zip(questions, contexts, strict=False)]

    def _examples(self, values: Iterable[Any]) -> Iterator[SquadExample]:
        index = 0
        for value in values:
            for item in as_inputs(value):
                yield as_example(item, index)
                index += 1


def as_example(item: Any, index: int = 0) -> SquadExample:
    """Make an example of a dict with `question` and `context`; an example is returned as it is.

    Args:
        item: The dict or example.
        index: Its index among the inputs, for messages.

    Raises:
        KeyError: If the dict lacks a key.
        TypeError: If something is not a string, or `item` neither dict nor example.
        ValueError: If question or context are empty.
    """
    if isinstance(item, SquadExample):
        texts = {"question": item.question_text, "context": item.context_text}
    elif isinstance(item, Mapping):
        for key in ("question", "context"):
            if key not in item:
                raise KeyError(f"input {index} has keys {sorted(item)}, expected 'question' and 'context'")
        texts = {key: item[key] for key in ("question", "context")}
    else:
        raise TypeError(
            f"input {index} is of type {type(item).__name__}, "
            "expected a dict with 'question' and 'context', or a SquadExample"
        )
    for key, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"the {key} of input {index} is of type {type(text).__name__}, expected a string")
        if _is_blank(text):
            raise ValueError(f"the {key} of input {index} is empty")
    if isinstance(item, SquadExample):
        return item
    return SquadExample(None, texts["question"], texts["context"], None, None, None)


def _is_blank(text: str) -> bool:
    """Tell whether a text has nothing but white space, control characters and characters of no width."""
    return all(character.isspace() or category(character) in ("Cc", "Cf") for character in text)


class QuestionAnsweringPipeline(Pipeline):
    """Finds the words of a context that answer a question.

    Long contexts are read in overlapping windows. Options of a call:

    * `topk` (1): answers for each question, the best first.
    * `doc_stride` (128): tokens from the start of a window to the start of the next one.
    * `max_answer_len` (15): most tokens of an answer.
    * `max_seq_len` (384): tokens of a window, question included; bounded by what the model can take.
    * `max_question_len` (64): a question's tokens beyond this are truncated.
    * `handle_impossible_answer` (False): whether "no answer" (an empty string) is a possible answer.
    * `padding` (True): whether windows are padded to `max_seq_len`. As in v3.0.2, the padding then has a share of the
      probability, so that scores agree with it; `padding=False` leaves the padding out, which is sounder and several
      times faster on short contexts, and moves scores a little.

    Args:
        model: A model with a question answering head.
        tokenizer: The model's tokenizer.
        modelcard: See `Pipeline`.
        framework: See `Pipeline`.
        device: See `Pipeline`.
        task: See `Pipeline`.
        **kwargs: `batch_size`, `max_tokens` and `binary_output`, see `Pipeline`.
    """

    default_input_names: ClassVar[Any] = "question,context"
    _head = "ForQuestionAnswering"

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        modelcard: Any = None,
        framework: str | None = None,
        device: Any = -1,
        task: str = "",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("args_parser", QuestionAnsweringArgumentHandler())
        super().__init__(model, tokenizer, modelcard, framework, task=task, device=device, **kwargs)

    @staticmethod
    def create_sample(question: Any, context: Any) -> SquadExample | list[SquadExample]:
        """Make examples of questions and contexts, to be passed to the pipeline.

        Args:
            question: A question or a list of them.
            context: A context or a list of as many.

        Returns:
            An example, or a list of them if `question` is a list.
        """
        if isinstance(question, list):
            pairs = zip(question, context, strict=True)
            return [as_example({"question": q, "context": c}, index) for index, (q, c) in enumerate(pairs)]
        return as_example({"question": question, "context": context})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Answer questions.

        Args:
            *args: Dicts with `question` and `context`, `SquadExample`s, or lists of them.
            **kwargs: `question=` and `context=`, or `X=`, or `data=`; and options, see the class.

        Returns:
            `{"score": float, "start": int, "end": int, "answer": str}`: the answer's probability, the index of its
            first character and the index at which it ends in the context (words end with the blank after them).
            A list of these if there are several.

        Raises:
            ValueError: If an option is out of range, or a question or context is empty or has no tokens.
        """
        return super().__call__(*args, **kwargs)

    def decode(
        self, start: np.ndarray, end: np.ndarray, topk: int, max_answer_len: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Find the likeliest spans, given how likely a span starts and ends at each token.

        Args:
            start: Probability that the answer starts at a token, `[tokens]`.
            end: Probability that it ends there, `[tokens]`.
            topk: How many spans to return; fewer if there are fewer.
            max_answer_len: Most tokens of a span.

        Returns:
            First tokens, last tokens and scores of the spans, the likeliest first, each `[spans]`.
        """
        start, end = np.ravel(start), np.ravel(end)
        count = len(start)
        width = min(max_answer_len, count)
        # scores[i, d]: a span of d + 1 tokens from i on; those that would leave the text are below all others.
        padded = np.concatenate([end, np.zeros(width - 1)])
        inside = np.add.outer(np.arange(count), np.arange(width)) < count
        ends = np.lib.stride_tricks.sliding_window_view(padded, width)
        scores = np.where(inside, start[:, None] * ends, -1.0).ravel()
        topk = min(topk, int(inside.sum()))
        best = np.argpartition(-scores, topk - 1)[:topk]
        best = best[np.argsort(-scores[best], kind="stable")]
        first, extra = np.divmod(best, width)
        return first, first + extra, scores[best]

    def span_to_answer(self, text: str, start: int, end: int) -> dict[str, str | int]:
        """Find the words of a text that hold a span of its tokens.

        Args:
            text: The text.
            start: Index of the span's first token in the text.
            end: Index of the span's last token.

        Returns:
            `answer`, the words; `start` and `end`, where they are in the text.
        """
        example = SquadExample(None, "", text, None, None, None)
        (tokens,) = tokenize_contexts([example], self.tokenizer)
        words = tokens.words[start : end + 1]
        if not len(words):
            return {"answer": "", "start": 0, "end": 0}
        first, last = int(words[0]), int(words[-1])
        begin = example.span(first, first)[0]
        stop = example.span(last, last)[0] + len(example.doc_tokens[last])
        return {"answer": " ".join(example.doc_tokens[first : last + 1]), "start": begin, "end": stop}

    def _options(self) -> dict[str, Any]:
        return super()._options() | {
            "topk": 1,
            "doc_stride": 128,
            "max_answer_len": 15,
            "max_seq_len": 384,
            "max_question_len": 64,
            "handle_impossible_answer": False,
        }

    def _split(self, kwargs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        options, rest = super()._split(kwargs)
        for name in ("topk", "doc_stride", "max_answer_len", "max_seq_len", "max_question_len"):
            if options[name] < 1:
                raise ValueError(f"{name} parameter should be >= 1 (got {options[name]})")
        if self._longest is not None and options["max_seq_len"] > self._longest:
            if "max_seq_len" in kwargs:
                logger.warning("max_seq_len=%d, but the model takes %d tokens", options["max_seq_len"], self._longest)
            options["max_seq_len"] = self._longest
        return options, rest

    def _is_stepwise(self) -> bool:
        if super()._is_stepwise():
            raise TypeError(
                f"{type(self).__name__} has its own _parse_and_tokenize or _forward, and question answering goes "
                "through neither: it makes windows of the contexts and needs two outputs. Define __call__ instead"
            )
        return False

    def _in_one_run(self, options: Mapping[str, Any]) -> bool:
        return False  # padding is to `max_seq_len`, whatever the other inputs are

    def _finish(self, results: list[Any], options: Mapping[str, Any]) -> Any:
        answers = [answer for found in results for answer in found]
        return answers[0] if len(answers) == 1 else answers

    def _process(self, run: Run) -> Iterable[Any]:
        """Return the answers of each example of a run, as lists."""
        options = run.options
        examples = [as_example(item, index) for index, item in enumerate(run.inputs, start=run.first)]
        contexts = list(tokenize_contexts(examples, self.tokenizer))
        for index, (example, tokens) in enumerate(zip(examples, contexts, strict=True), start=run.first):
            if not len(tokens.ids):
                shown = example.context_text[:60]
                raise ValueError(f"the context of input {index} is empty: {shown!r} has no tokens for the tokenizer")
        questions = self.tokenizer(
            [example.question_text for example in examples],
            add_special_tokens=False,
            truncation=True,
            max_length=options["max_question_len"],
            verbose=False,
        )["input_ids"]
        parts: list[ContextWindow] = []
        owners: list[int] = []
        for owner, (question, context) in enumerate(zip(questions, contexts, strict=True)):
            for part in context_windows(
                question, context, self.tokenizer, options["max_seq_len"], options["doc_stride"]
            ):
                parts.append(part)
                owners.append(owner)
        rows: dict[str, list[Any]] = {"input_ids": [part.input_ids for part in parts]}
        rows["token_type_ids"] = [part.token_type_ids for part in parts]
        width = options["max_seq_len"] if options["padding"] else None
        counted = run.counting(len(examples) / len(parts))  # progress counts questions, batches have windows
        outputs = self._run_model(Encodings.of(rows), counted, outputs=2, width=width)
        found: list[list[dict[str, Any]]] = [[] for _ in examples]
        no_answer = [np.inf] * len(examples)
        for owner, part, (start, end) in zip(owners, parts, outputs, strict=True):
            answers, null = self._answers(examples[owner], contexts[owner], part, start, end, options)
            found[owner] += answers
            no_answer[owner] = min(no_answer[owner], null)
        for answers, null in zip(found, no_answer, strict=True):
            if options["handle_impossible_answer"]:
                answers.append({"score": null, "start": 0, "end": 0, "answer": ""})
            answers.sort(key=lambda answer: -answer["score"])
        return [answers[: options["topk"]] for answers in found]

    def _answers(
        self,
        example: SquadExample,
        context: ContextTokens,
        part: ContextWindow,
        start: np.ndarray,
        end: np.ndarray,
        options: Mapping[str, Any],
    ) -> tuple[list[dict[str, Any]], float]:
        """Return the best answers of one window, and the score of "no answer"."""
        length, left = len(part.input_ids), self.tokenizer.padding_side == "left"
        shift = len(start) - length if left else 0
        cls = part.input_ids.index(self.tokenizer.cls_token_id) + shift
        own = slice(part.offset + shift, part.offset + shift + part.size)
        # As in v3.0.2, question and special tokens have the logit 0, while context and the padding behind it have their
        # own; all share the probability, and only the context can be an answer.
        keep = np.zeros(len(start), dtype=bool)
        keep[own] = True
        keep[length:] |= not left
        starts, ends = softmax(np.where(keep, start, 0.0)), softmax(np.where(keep, end, 0.0))
        firsts, lasts, scores = self.decode(starts[own], ends[own], options["topk"], options["max_answer_len"])
        answers = []
        for first, last, score in zip(firsts, lasts, scores.tolist(), strict=True):
            words = context.words[[part.first + first, part.first + last]].tolist()
            begin, stop = example.span(*words)
            answer = " ".join(example.doc_tokens[words[0] : words[1] + 1])
            answers.append({"score": score, "start": begin, "end": stop, "answer": answer})
        null = np.inf
        if options["handle_impossible_answer"]:
            keep[cls] = True
            null = softmax(np.where(keep, start, 0.0))[cls] * softmax(np.where(keep, end, 0.0))[cls]
        return answers, float(null)

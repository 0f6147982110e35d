"""The decode loops, on the `ops` of a backend and the steps of a model."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .beams import Beams
from .errors import GenerationError
from .lookup import guess
from .options import Options
from .rules import Rules, filter_scores
from .steps import Steps

Criterion = Callable[[Any, Any], Any]


class Streamer(Protocol):
    """Takes tokens as they come."""

    def put(self, tokens: Any) -> None:
        """Take the prompt, *shape* `[rows, length]`, and then the tokens of each step, *shape* `[rows]`."""

    def end(self) -> None:
        """Note that the last token has come."""


def decode(
    ops: Any,
    steps: Steps,
    ids: Any,
    options: Options,
    rules: Rules,
    *,
    streamer: Streamer | None = None,
    criteria: Sequence[Criterion] = (),
    generator: Any = None,
    lookup: int = 0,
    text: Any = None,
) -> Any:
    """Decode greedily, or sample.

    Args:
        ops: operations of the backend.
        steps: the model.
        ids: what to start from. *Shape:* `[rows, start]`.
        options: the options.
        rules: the rules.
        streamer: gets the tokens as they come.
        criteria: functions of the tokens so far and the last scores; generation ends when one is true.
        generator: the random numbers.
        lookup: number of tokens to guess by prompt lookup at a time (greedy decoding only).
        text: where else to look them up. *Shape:* `[rows, text length]`.

    Returns:
        *Shape:* `[rows, length]`.
    """
    start = length = ids.shape[1]
    output = ops.pad_columns(ids, options.max_length, options.filler)
    unfinished = ops.full((ids.shape[0],), 1, ids) > 0
    if streamer is not None:
        streamer.put(ids)
    while length < options.max_length:
        so_far = output[:, :length]
        guessed = None
        if lookup and length > start and length + 1 < options.max_length:
            corpus = so_far if text is None else ops.concat([text, so_far], 1)
            guessed = guess(ops, corpus, so_far, min(lookup, options.max_length - length - 1))
        if guessed is None:
            scores = _check(ops, steps.logits(so_far)[:, -1], length - start)
            tokens = _next(ops, scores, so_far, options, rules, generator)[:, None]
        else:
            tokens, scores = _verify(ops, steps, so_far, guessed, unfinished, options, rules, start)
        ended = False
        for column in range(tokens.shape[1]):
            token = tokens[:, column]
            if options.eos_token_id is not None:
                token = ops.where(unfinished, token, options.filler)
                unfinished = unfinished & (token != options.eos_token_id)
            output = ops.set_column(output, length, token)
            length += 1
            if streamer is not None:
                streamer.put(token)
            if options.eos_token_id is not None and not ops.as_bool(ops.any(unfinished)):
                ended = True
                break
        if ended or any(ops.as_bool(ops.all(criterion(output[:, :length], scores))) for criterion in criteria):
            break
    if streamer is not None:
        streamer.end()
    return output[:, :length]


def _next(ops: Any, logits: Any, ids: Any, options: Options, rules: Rules, generator: Any) -> Any:
    """Return the next token of every row. *Shape:* `[rows]`."""
    scores = rules.forbid(rules.penalize(logits, ids), ids)
    if not options.do_sample:
        return ops.argmax(scores)
    if options.temperature != 1.0:
        scores = scores / options.temperature
    scores = filter_scores(ops, scores, options.top_k, options.top_p)
    return ops.multinomial(ops.softmax(scores), 1, generator)[:, 0]


def _verify(
    ops: Any, steps: Steps, ids: Any, guessed: Any, unfinished: Any, options: Options, rules: Rules, start: int
) -> tuple[Any, Any]:
    """Score guessed tokens in one step, and keep those that greedy decoding would have chosen, and one more.

    Returns:
        The tokens, *shape* `[rows, kept]`, and the scores that the last was chosen by.
    """
    length, count = ids.shape[1], guessed.shape[1]
    longer = ops.concat([ids, guessed], 1)
    logits = steps.logits(longer, count + 1)
    chosen = []
    for index in range(count + 1):
        scores = _check(ops, logits[:, index], length - start + index)
        chosen.append(_next(ops, scores, longer[:, : length + index], options, rules, None))
        if index < count and not ops.as_bool(ops.all((chosen[-1] == guessed[:, index]) | ~unfinished)):
            break
    steps.crop(length + len(chosen) - 1)
    return ops.stack(chosen, 1), logits[:, len(chosen) - 1]


def search(
    ops: Any,
    steps: Steps,
    ids: Any,
    options: Options,
    rules: Rules,
    *,
    criteria: Sequence[Criterion] = (),
    generator: Any = None,
    adjusted: bool = False,
    penalize_logits: bool = False,
) -> Any:
    """Search with beams, or sample them.

    Args:
        ops, steps, options, rules, criteria, generator: see `decode`.
        ids: what to start from, a row for each row of beams. *Shape:* `[batch, start]`.
        adjusted: ask the model to adjust its scores.
        penalize_logits: apply the penalty of repetition before the softmax, not behind it.

    Returns:
        *Shape:* `[batch * returned, length]`.
    """
    start = length = ids.shape[1]
    output = ops.repeat(ops.pad_columns(ids, options.max_length, options.filler), options.num_beams)
    logits = ops.repeat(steps.logits(ids)[:, -1], options.num_beams)
    steps.expand(options.num_beams)
    beams = Beams(ops, options, output, logits)
    vocabulary = logits.shape[-1]
    wanted = 2 * options.num_beams
    while True:
        logits = _check(ops, logits, length - start, options.num_beams)
        if adjusted:
            logits = steps.adjust(logits, length, options.max_length)
        so_far = output[:, :length]
        if penalize_logits:
            scores = ops.log_softmax(rules.penalize(logits, so_far))
        else:
            scores = rules.penalize(ops.log_softmax(logits), so_far)
        scores = rules.forbid(scores, so_far, passing=True)
        scores = ops.add_in_place(scores, ops.reshape(beams.scores, (-1, 1)))
        if options.do_sample:
            if options.temperature != 1.0:
                scores = scores / options.temperature
            scores = filter_scores(ops, scores, options.top_k, options.top_p, keep=2)
            scores = ops.reshape(scores, (beams.batch, -1))
            chosen = ops.multinomial(ops.softmax(scores), wanted, generator)
            scores, order = ops.sort(ops.take_along_axis(scores, chosen))
            chosen = ops.take_along_axis(chosen, order)
        else:
            scores, chosen = ops.top_k(ops.reshape(scores, (beams.batch, -1)), wanted)
        rows, tokens, done = beams.advance(scores, chosen, vocabulary, output, length)
        if done:
            break
        output = ops.set_column(ops.take(output, rows), length, tokens)
        length += 1
        stop = any(ops.as_bool(ops.all(criterion(output[:, :length], scores))) for criterion in criteria)
        if stop or length == options.max_length:
            break
        steps.reorder(rows)
        logits = steps.logits(output[:, :length])[:, -1]
    return beams.finish(output, length)


def _check(ops: Any, logits: Any, step: int, beams: int = 1) -> Any:
    """Return the scores if none is NaN.

    Raises:
        GenerationError: naming step and rows.
    """
    wrong = ops.isnan(ops.max(logits, -1))
    if ops.as_bool(ops.any(wrong)):
        rows = sorted({row // beams for row in ops.nonzero(wrong)})
        raise GenerationError(
            f"the model gave NaN as scores at step {step}, in the rows {rows}: look at its weights, its dtype "
            "(float16 overflows where bfloat16 does not) and the attention mask of these rows"
        )
    return logits

"""What old code takes from `transformers.generation_utils` and `generation_tf_utils`."""

import numpy as np
import pytest
import torch

import formers
from formers.compat.generation import BeamHypotheses, calc_banned_bad_words_ids, calc_banned_ngram_tokens


def test_the_best_sequences_are_kept():
    beams = BeamHypotheses(2, max_length=9, length_penalty=1.0, early_stopping=False)
    assert (len(beams), beams.worst_score, beams.max_length, beams.num_beams) == (0, 1e9, 8, 2)
    beams.add(torch.tensor([1, 2]), -4.0)
    assert not beams.is_done(-1.0, 2) and beams.worst_score == -2.0
    beams.add([1, 3, 4, 5], -4.0)
    assert beams.worst_score == -2.0 and len(beams) == 2
    beams.add([6, 7], -9.0)  # worse than both
    assert [score for score, _ in beams.beams] == [-2.0, -1.0]
    beams.add([6, 7], -3.0)
    assert [(score, list(ids)) for score, ids in beams.beams] == [(-1.0, [1, 3, 4, 5]), (-1.5, [6, 7])]
    assert beams.worst_score == -1.5
    # A sequence of 4 tokens would need more than -6 to be among the two.
    assert not beams.is_done(-5.9, 4) and beams.is_done(-6.1, 4)


def test_length_penalty_and_early_stopping():
    plain, long = (BeamHypotheses(1, 9, penalty, early_stopping=False) for penalty in (0.0, 2.0))
    for beams in (plain, long):
        beams.add([1], -1.0)
        beams.add([1, 2, 3, 4], -3.0)
    assert [len(ids) for _, ids in (*plain.beams, *long.beams)] == [1, 4]
    early = BeamHypotheses(1, 9, 1.0, early_stopping=True)
    assert not early.is_done(0.0, 3)
    early.add([1], -100.0)
    assert early.is_done(0.0, 3)


@pytest.mark.parametrize("form", [torch.tensor, np.array, list])
def test_tokens_that_would_repeat_an_ngram(form):
    ids = form([[1, 2, 1, 3, 1], [1, 2, 3, 4, 5]])
    assert calc_banned_ngram_tokens(ids, 2, 2, 5) == [[2, 3], []]
    assert calc_banned_ngram_tokens(ids, 2, 1, 5) == [[1, 2, 1, 3, 1], [1, 2, 3, 4, 5]]
    assert calc_banned_ngram_tokens(ids, 2, 7, 5) == [[], []]
    assert calc_banned_ngram_tokens(form([[4, 5, 6, 4, 5]]), 1, 3, 5) == [[6]]


@pytest.mark.parametrize("form", [torch.tensor, np.array, list])
def test_tokens_that_would_complete_a_bad_word(form):
    ids = form([[1, 2, 3], [3, 2, 1]])
    assert calc_banned_bad_words_ids(ids, [[9], [3, 4], [2, 3, 5], [0, 1, 2, 3, 6]]) == [[9, 4, 5], [9]]
    with pytest.raises(ValueError, match="every word must have at least one token"):
        calc_banned_bad_words_ids(ids, [[]])


def test_they_ban_what_generate_bans():
    """The library's own rules, on tensors of a whole batch, find the same tokens."""
    from formers.backends.torch import ops
    from formers.generation.options import resolve_options
    from formers.generation.rules import NEVER, Rules

    generator = torch.Generator().manual_seed(5)
    ids = torch.randint(0, 6, (20, 12), generator=generator)
    words = [[1], [2, 3], [4, 4, 5]]
    options = resolve_options(formers.GPT2Config(), {"no_repeat_ngram_size": 3, "bad_words_ids": words}, 1, None)
    scores = Rules(ops, options).forbid(torch.zeros(20, 6), ids)
    for row, repeated, bad in zip(
        scores, calc_banned_ngram_tokens(ids, 20, 3, 12), calc_banned_bad_words_ids(ids, words), strict=True
    ):
        assert set((row == NEVER).nonzero().flatten().tolist()) == {*repeated, *bad}


def test_helpers_on_tensorflows_tensors():
    tf = pytest.importorskip("tensorflow")
    from formers.compat import generation_tf as helpers

    ids, scores = tf.constant([[0, 2, 2]]), tf.constant([[2.0, 2.0, -2.0, -2.0]])
    penalties = helpers._create_next_token_logits_penalties(ids, scores, 1.25)
    assert penalties[0].tolist() == pytest.approx([0.8, 1.0, 1.25, 1.0])
    assert calc_banned_ngram_tokens(tf.constant([[1, 2, 1]]), 1, 2, 3) == [[2]]
    assert calc_banned_bad_words_ids(tf.constant([[1, 2]]), [[2, 7]]) == [[7]]
    values, places = tf.constant([[5.0, 6.0, 7.0], [1.0, 2.0, 3.0]]), tf.constant([[2, 0, 1], [0, 2, 1]])
    scattered = helpers.scatter_values_on_batch_indices(values, places)
    assert scattered.numpy().tolist() == [[6.0, 7.0, 5.0], [1.0, 3.0, 2.0]]
    assert tf.gather(scattered, places, batch_dims=1).numpy().tolist() == values.numpy().tolist()
    filled = helpers.set_tensor_by_indices_to_value(scores, scores < 0, -9.0)
    assert filled.numpy().tolist() == [[2.0, 2.0, -9.0, -9.0]]


def test_sampling_without_replacement_follows_the_probabilities():
    tf = pytest.importorskip("tensorflow")
    from formers.compat.generation_tf import sample_without_replacement

    tf.random.set_seed(3)
    probabilities = np.array([0.5, 0.3, 0.15, 0.05])
    rows = 20_000
    drawn = sample_without_replacement(tf.math.log(tf.constant(np.tile(probabilities, (rows, 1)))), 2).numpy()
    assert drawn.shape == (rows, 2) and (drawn[:, 0] != drawn[:, 1]).all()
    first = np.bincount(drawn[:, 0], minlength=4) / rows
    assert first == pytest.approx(probabilities, abs=0.015)
    second = np.bincount(drawn[drawn[:, 0] == 0, 1], minlength=4) / (drawn[:, 0] == 0).sum()
    assert second == pytest.approx([0.0, 0.6, 0.3, 0.1], abs=0.02)

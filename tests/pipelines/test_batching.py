import numpy as np
import pytest

from formers.pipelines.batching import Limits, plan, run


def test_every_input_is_planned_once_longest_first_and_within_the_limits():
    lengths = np.random.default_rng(3).integers(1, 200, 500)
    batches = plan(lengths, Limits(max_tokens=1000, batch_size=40))
    assert sorted(np.concatenate(batches)) == list(range(500))
    widths = [lengths[batch].max() for batch in batches]
    assert widths == sorted(widths, reverse=True)
    assert all(len(batch) * width <= 1000 and len(batch) <= 40 for batch, width in zip(batches, widths, strict=True))


@pytest.mark.parametrize(
    ("count", "limits", "bound"), [(256, Limits(4096, overhead=32), 0.08), (4096, Limits(32768, overhead=2048), 0.15)]
)
def test_padding_waste_is_small_on_sentences_of_mixed_length(count, limits, bound):
    rng = np.random.default_rng(11)
    lengths = np.clip(np.exp(rng.normal(np.log(25), 0.8, count)), 3, 350).astype(int)
    padded = sum(len(batch) * lengths[batch].max() for batch in plan(lengths, limits))
    assert 1 - lengths.sum() / padded < bound


def test_the_plan_costs_no_more_than_any_other_partition_of_the_sorted_inputs():
    lengths = np.array([9, 1, 7, 7, 2, 8])
    limits = Limits(max_tokens=24, overhead=3)
    ordered = sorted(lengths, reverse=True)

    def cost(groups):
        return sum(limits.overhead + max(group) * len(group) for group in groups)

    def partitions(items):
        if not items:
            yield []
        for stop in range(1, len(items) + 1):
            head = items[:stop]
            if stop == 1 or max(head) * len(head) <= limits.max_tokens:
                yield from ([head, *rest] for rest in partitions(items[stop:]))

    ours = cost([lengths[batch].tolist() for batch in plan(lengths, limits)])
    assert ours == min(cost(partition) for partition in partitions(ordered))


def test_an_input_longer_than_the_budget_makes_a_batch_of_its_own():
    batches = plan(np.array([5, 5000, 5]), Limits(max_tokens=100))
    assert [sorted(batch.tolist()) for batch in batches] == [[1], [0, 2]]


def test_no_inputs_make_no_batches():
    assert plan(np.array([], dtype=np.int64), Limits(100)) == []


class Memory:
    """Executes batches of at most `tokens` tokens."""

    def __init__(self, lengths, tokens):
        self.lengths, self.tokens, self.failures = lengths, tokens, 0

    def execute(self, batch):
        if len(batch) * self.lengths[batch].max() > self.tokens:
            self.failures += 1
            raise MemoryError
        return self.lengths[batch] * 10

    def run(self, limits):
        found = {}
        for batch, result in run(self.lengths, limits, self.execute, lambda error: isinstance(error, MemoryError)):
            found.update(zip(batch.tolist(), result.tolist(), strict=True))
        return [found[index] for index in range(len(self.lengths))]


def test_batches_are_halved_until_they_fit_and_later_ones_begin_smaller(caplog):
    lengths = np.random.default_rng(5).integers(20, 60, 300)
    memory, limits = Memory(lengths, 700), Limits(max_tokens=8000)
    assert memory.run(limits) == (lengths * 10).tolist()
    assert limits.max_tokens <= 700
    assert memory.failures <= 4, "each failure halves the budget, so few are needed"
    assert "out of memory" in caplog.text


def test_an_input_that_does_not_fit_by_itself_is_an_error_that_says_so():
    with pytest.raises(MemoryError, match="an input of 900 tokens does not fit"):
        Memory(np.array([900, 10]), 700).run(Limits(max_tokens=2000))


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    def fail(batch):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(run(np.array([3, 4]), Limits(100), fail, lambda error: False))

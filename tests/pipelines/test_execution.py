import numpy as np
import pytest
import torch

from formers.pipelines.execution import TensorFlowExecution, TorchExecution, execution_for

from .fakes import TableModel


def test_pytorch_models_take_and_give_arrays():
    model = TableModel(3)
    execution = execution_for(model, "pt")
    ids = np.array([[1, 5, 2], [1, 6, 2]])
    (states,) = execution({"input_ids": ids})
    table = model.table.detach().numpy()
    np.testing.assert_array_equal(states, table[ids])
    (chosen,) = execution({"input_ids": ids}, at=np.array([1, 2]))
    np.testing.assert_array_equal(chosen, table[[5, 2]])
    assert execution.accepted == {"input_ids", "attention_mask"}
    model.bfloat16()
    assert execution({"input_ids": ids})[0].dtype == np.float32


def test_lack_of_memory_is_recognised():
    execution = TorchExecution(TableModel(1))
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50)
    assert execution.is_out_of_memory(caught.value)
    assert execution.is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert execution.is_out_of_memory(MemoryError())
    assert not execution.is_out_of_memory(RuntimeError("shape mismatch"))


def test_there_are_two_frameworks():
    with pytest.raises(ValueError, match="framework is 'jax', expected 'pt'"):
        execution_for(TableModel(1), "jax")


def test_tensorflow_models_take_and_give_arrays_of_few_widths():
    tensorflow = pytest.importorskip("tensorflow")
    table = np.arange(40, dtype=np.float32).reshape(20, 2)

    class TFTable:
        def call(self, inputs, training=False):
            raise NotImplementedError

        def __call__(self, inputs, training=None):
            assert training is False
            return (tensorflow.gather(table, inputs["input_ids"]), "other")

    execution = TensorFlowExecution(TFTable())
    ids = np.array([[1, 5, 2], [1, 6, 2]])
    (states,) = execution({"input_ids": ids})
    np.testing.assert_array_equal(states, table[ids])
    (chosen,) = execution({"input_ids": ids}, at=np.array([1, 2]))
    np.testing.assert_array_equal(chosen, table[[5, 2]])
    widths = [execution.width(longest) for longest in range(1, 513)]
    assert all(longest <= width <= max(16, 1.5 * longest) for longest, width in enumerate(widths, 1))
    assert len(set(widths)) <= 12

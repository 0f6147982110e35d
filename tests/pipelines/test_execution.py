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


def test_tensorflow_models_take_and_give_arrays_and_are_traced_once():
    tensorflow = pytest.importorskip("tensorflow")
    table = np.arange(40, dtype=np.float32).reshape(20, 2)
    traces = []

    class TFTable:
        def call(self, inputs, training=False):
            raise NotImplementedError

        def __call__(self, inputs, training=None):
            assert training is False
            traces.append(inputs["input_ids"].shape)
            return (tensorflow.gather(table, inputs["input_ids"]), "other")

    execution = TensorFlowExecution(TFTable())
    assert execution.accepted is None
    ids = np.array([[1, 5, 2], [1, 6, 2]])
    (states,) = execution({"input_ids": ids})
    np.testing.assert_array_equal(states, table[ids])
    (chosen,) = execution({"input_ids": ids}, at=np.array([1, 2]))
    np.testing.assert_array_equal(chosen, table[[5, 2]])
    for length in range(1, 20):
        assert execution.width(length) == length
        execution({"input_ids": np.ones((2, length), int)})
    assert len(traces) == 1


def test_tensorflow_models_get_no_inputs_that_they_do_not_name():
    pytest.importorskip("tensorflow")
    from formers import DistilBertConfig, TFDistilBertModel

    config = DistilBertConfig(vocab_size=9, dim=8, n_layers=1, n_heads=2, hidden_dim=8, max_position_embeddings=8)
    execution = TensorFlowExecution(TFDistilBertModel(config))
    assert {"input_ids", "attention_mask"} <= execution.accepted
    assert not {"inputs", "token_type_ids", "training"} & execution.accepted


@pytest.mark.parametrize(("capability", "warned"), [("AVX2", True), ("AVX512", False)])
def test_half_precision_without_instructions_for_it_is_warned_of(capability, warned, monkeypatch, caplog):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    TorchExecution(torch.nn.Linear(2, 2))
    assert not caplog.records
    TorchExecution(torch.nn.Linear(2, 2).bfloat16())
    assert ("no instructions for bfloat16" in caplog.text) is warned

"""Methods and attributes that models of users rely on, though they are not public names."""

import logging

import pytest
import torch
from tests import tiny
from torch import nn

import formers

REGRESSION = [
    "BertForSequenceClassification", "RobertaForSequenceClassification", "DistilBertForSequenceClassification",
]  # fmt: skip
NEW_EMBEDDINGS = [
    "CTRLModel", "DistilBertModel", "GPT2Model", "OpenAIGPTModel", "T5ForConditionalGeneration", "T5Model",
]  # fmt: skip


def _last_linear(model):
    return model.classifier if isinstance(model.classifier, nn.Linear) else model.classifier.out_proj


@pytest.mark.parametrize("name", REGRESSION)
def test_number_of_labels_chooses_the_loss(name):
    model = tiny.make(name, num_labels=3)
    ids = tiny.tensors(tiny.inputs(name))["input_ids"]
    linear = _last_linear(model)
    model.num_labels = 1
    linear.weight, linear.bias = nn.Parameter(linear.weight[:1].detach()), nn.Parameter(linear.bias[:1].detach())
    labels = torch.linspace(0.3, 0.8, len(ids))
    loss, logits = model(ids, labels=labels)[:2]
    torch.testing.assert_close(loss, ((logits[:, 0] - labels) ** 2).mean())
    model.num_labels = 3
    linear.weight, linear.bias = nn.Parameter(torch.randn(3, linear.in_features)), nn.Parameter(torch.zeros(3))
    classes = torch.arange(len(ids)) % 3
    loss, logits = model(ids, labels=classes)[:2]
    torch.testing.assert_close(loss, nn.functional.cross_entropy(logits, classes))
    assert model.config.num_labels == 3


def test_a_model_without_labels_has_no_number_of_them():
    assert not hasattr(tiny.make("BertModel"), "num_labels")
    with pytest.raises(AttributeError, match="num_labels"):
        tiny.make("BertModel").num_labels  # noqa: B018


@pytest.mark.parametrize("name", NEW_EMBEDDINGS)
def test_new_embeddings_by_name(name):
    model = tiny.make(name)
    table = nn.Embedding(*model.get_input_embeddings().weight.shape)
    model.set_input_embeddings(new_embeddings=table)
    assert model.get_input_embeddings() is table


def test_a_table_of_token_types_gets_another_row():
    model = tiny.make("RobertaModel")
    table = model.embeddings.token_type_embeddings
    rows = table.num_embeddings
    grown = model._get_resized_embeddings(table, rows + 1)
    assert torch.equal(grown.weight[:rows], table.weight) and grown.num_embeddings == rows + 1
    assert model._get_resized_embeddings(table) is model._get_resized_embeddings(table, rows) is table
    model.embeddings.token_type_embeddings = grown
    ids = tiny.tensors(tiny.inputs("RobertaModel"))["input_ids"]
    model(ids, token_type_ids=torch.full_like(ids, rows))


def test_a_layer_of_a_user_is_tied():
    model = tiny.make("GPT2Model")
    table = model.get_input_embeddings()
    rows, size = table.weight.shape
    longer, shorter = nn.Linear(size, rows + 3), nn.Linear(size, rows - 3)
    kept = shorter.bias.detach().clone()
    for output in (longer, shorter):
        model._tie_or_clone_weights(output, table)
        assert output.weight is table.weight and output.bias.shape == (rows,) and output.out_features == rows
    assert torch.equal(shorter.bias[:-3], kept) and not shorter.bias[-3:].any()
    model.config.torchscript = True
    model._tie_or_clone_weights(longer, table)
    assert longer.weight is not table.weight and torch.equal(longer.weight, table.weight)


def test_the_rules_of_generation_for_a_loop_of_a_user():
    model = tiny.make("GPT2LMHeadModel")
    ids = torch.tensor([[1, 2, 1], [4, 4, 4]])
    scores = torch.tensor([[1.0, -1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, -5.0, 6.0]])
    never = float("-inf")
    penalized = scores.clone()
    model.enforce_repetition_penalty_(penalized, 1, 2, ids, 2.0)
    assert penalized.tolist() == [[1.0, -2.0, 1.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, -10.0, 6.0]]
    changed = scores.clone()
    result = model.postprocess_next_token_scores(changed, ids, 2, [[3], [4, 1]], 3, 5, 9, 5, 2.0, 1, 2)
    assert result is changed
    assert changed.tolist() == [[1.0, -2.0, never, never, 4.0, never], [1.0, never, 3.0, never, never, never]]


def test_a_file_that_dataparallel_wrote_is_named(tmp_path, caplog):
    model = tiny.make("BertModel")
    model.config.save_pretrained(tmp_path)
    torch.save(nn.DataParallel(model).state_dict(), tmp_path / "pytorch_model.bin")
    with caplog.at_level(logging.WARNING, logger="formers"):
        formers.BertModel.from_pretrained(tmp_path)
    (message,) = [record.getMessage() for record in caplog.records]
    assert "'module.'" in message and "DataParallel" in message and "model.module.save_pretrained" in message

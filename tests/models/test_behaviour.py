"""What users of the documented classes rely on beyond outputs."""

import copy
import pickle

import pytest
import torch
from tests import tiny
from torch import nn

from formers import (
    BertConfig,
    BertForMaskedLM,
    BertForMultipleChoice,
    BertForPreTraining,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertLayer,
    BertLMHeadModel,
    BertModel,
    BertPreTrainedModel,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    DistilBertModel,
    RobertaConfig,
    RobertaModel,
)
from formers.outputs import ModelOutput

TINY = dict(
    vocab_size=60, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
    max_position_embeddings=20, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
)  # fmt: skip
IDS = torch.tensor([[2, 5, 7, 9, 3], [2, 8, 3, 0, 0]])
MASK = (IDS != 0).long()


def bert(**kwargs):
    return BertConfig(**{**TINY, **kwargs})


# --- outputs ----------------------------------------------------------------------------------------------------------


def test_outputs_are_tuples_with_names():
    model = BertForSequenceClassification(bert()).eval()
    loss, logits = model(IDS, labels=torch.tensor([0, 1]))
    output = model(IDS, labels=torch.tensor([0, 1]), output_hidden_states=True)
    assert output[0] is output.loss is output["loss"]
    torch.testing.assert_close(output.loss, loss)
    torch.testing.assert_close(output.logits, logits)
    assert torch.equal(output[-1][0], output.hidden_states[0])
    assert output.attentions is None
    assert isinstance(output, tuple) and len(output) == 3
    assert model(IDS).loss is None
    with pytest.raises(AttributeError, match="no field 'start_logits'; it has loss, logits"):
        _ = output.start_logits
    plain = ModelOutput(logits=logits.detach(), attentions=None)
    for again in (copy.deepcopy(plain), pickle.loads(pickle.dumps(plain))):
        assert torch.equal(again.logits, logits) and again.attentions is None


def test_arguments_in_the_documented_order():
    model = BertModel(bert()).eval()
    types = torch.ones_like(IDS)
    assert torch.equal(model(IDS, MASK, types)[0], model(input_ids=IDS, attention_mask=MASK, token_type_ids=types)[0])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"wrong": 1}, TypeError, "BertModel has no argument 'wrong'; it takes input_ids, attention_mask"),
        ({"input_ids": IDS, "inputs_embeds": torch.zeros(2, 5, 16)}, ValueError, "found both"),
        ({}, ValueError, "found neither"),
        ({"input_ids": IDS[0]}, ValueError, r"input_ids has shape \(5,\); expected \[batch, seq\]"),
        ({"input_ids": IDS, "attention_mask": MASK[:, :3]}, ValueError, r"attention_mask has shape \(2, 3\)"),
        ({"input_ids": IDS, "head_mask": torch.ones(3, 3)}, ValueError, "head_mask has shape"),
        ({"input_ids": torch.ones(1, 30, dtype=torch.long)}, ValueError, "30 positions, but the model knows 20"),
        ({"input_ids": IDS.tolist()}, TypeError, "input_ids is a list, and a torch.Tensor was expected"),
        ({"input_ids": IDS.float()}, TypeError, r"input_ids has type torch.float32; token ids are whole numbers"),
        ({"input_ids": IDS[:, :0]}, ValueError, r"input_ids has shape \(2, 0\): there is nothing in it"),
        ({"input_ids": IDS + 55}, IndexError, "input_ids go from 55 to 64, but the model knows 0 to 59: .* tokenizer"),
        ({"input_ids": IDS - 1}, IndexError, "input_ids go from -1 to 8"),
        ({"input_ids": IDS, "token_type_ids": IDS}, IndexError, "token_type_ids go from 0 to 9, .* knows 0 to 1$"),
        ({"input_ids": IDS, "token_type_ids": MASK[:, :3]}, ValueError, r"token_type_ids has shape \(2, 3\), .* 5 pos"),
        ({"input_ids": IDS, "position_ids": IDS + 20}, IndexError, "position_ids go from 20 to 29"),
        ({"inputs_embeds": torch.zeros(2, 5, 8)}, ValueError, r"shape \(2, 5, 8\); expected \[batch, seq, 16\]"),
        ({"inputs_embeds": torch.zeros(5, 16)}, ValueError, r"shape \(5, 16\); expected \[batch, seq, hidden\]"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, words):
    with pytest.raises(error, match=words):
        BertModel(bert())(**arguments)


def test_deprecated_labels():
    model = BertForMaskedLM(bert()).eval()
    with pytest.warns(FutureWarning, match="'masked_lm_labels' is deprecated, use 'labels'"):
        old = model(IDS, masked_lm_labels=IDS)
    assert torch.equal(old[0], model(IDS, labels=IDS)[0])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (torch.tensor([0, 2]), "labels holds 2, but the model has 2 classes"),
        (torch.tensor([0, -1]), "labels holds -1"),
        (torch.tensor([0]), r"labels has shape \(1,\), but the model gives 2 predictions"),
        (torch.tensor([0.0, 1.0]), "classes are whole numbers"),
    ],
)
def test_wrong_labels_are_named(labels, words):
    with pytest.raises(ValueError, match=words):
        BertForSequenceClassification(bert())(IDS, labels=labels)


def test_answers_outside_of_the_text_are_left_out():
    model = BertForQuestionAnswering(bert()).eval()
    both = model(IDS, start_positions=torch.tensor([1, 99]), end_positions=torch.tensor([2, 99]))
    first = model(IDS[:1], start_positions=torch.tensor([1]), end_positions=torch.tensor([2]))
    assert both.loss.item() == pytest.approx(first.loss.item(), rel=1e-5)


def test_pretraining_needs_both_labels_for_a_loss():
    model = BertForPreTraining(bert()).eval()
    assert model(IDS, labels=IDS).loss is None
    assert model(IDS, labels=IDS, next_sentence_label=torch.tensor([0, 1])).loss is not None


def test_choices_are_regrouped():
    model = BertForMultipleChoice(bert()).eval()
    output = model(IDS[:, None].expand(2, 3, 5), labels=torch.tensor([0, 2]))
    assert output.logits.shape == (2, 3)
    with pytest.raises(ValueError, match=r"\[batch, choices, seq\]"):
        model(IDS)


# --- ways to compute --------------------------------------------------------------------------------------------------


def test_chunks_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="length 5 along axis 1 is not a multiple of the chunk size 2"):
        BertModel(bert(chunk_size_feed_forward=2))(IDS)


def test_gradient_checkpointing_gives_the_same_gradients():
    torch.manual_seed(0)
    plain = BertForSequenceClassification(bert()).train()
    saving = BertForSequenceClassification(bert(gradient_checkpointing=True)).train()
    saving.load_state_dict(plain.state_dict())
    for model in (plain, saving):
        model(IDS, MASK, labels=torch.tensor([0, 1])).loss.backward()
    for (name, one), other in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, msg=name)


def test_decoder_looks_back_only():
    model = BertLMHeadModel(bert(is_decoder=True)).eval()
    changed = IDS.clone()
    changed[:, -1] = 11
    for mask in (None, torch.ones_like(IDS)):
        torch.testing.assert_close(model(IDS, mask)[0][:, :-1], model(changed, mask)[0][:, :-1])
    with pytest.raises(AssertionError, match="needs a config with is_decoder=True"):
        BertLMHeadModel(bert())
    with pytest.raises(AssertionError, match="needs a config with is_decoder=False"):
        BertForMaskedLM(bert(is_decoder=True))


# --- surgery ----------------------------------------------------------------------------------------------------------


def test_tied_weights_learn_together():
    model = BertForMaskedLM(bert())
    assert model.cls.predictions.decoder.weight is model.bert.embeddings.word_embeddings.weight
    assert model.cls.predictions.decoder.bias is model.cls.predictions.bias
    cloned = BertForMaskedLM(bert(torchscript=True))
    assert cloned.cls.predictions.decoder.weight is not cloned.bert.embeddings.word_embeddings.weight
    assert torch.equal(cloned.cls.predictions.decoder.weight, cloned.bert.embeddings.word_embeddings.weight)


def test_counting_parameters():
    model = BertForMaskedLM(bert())
    assert model.num_parameters() == sum(p.numel() for p in model.parameters())
    model.bert.embeddings.requires_grad_(False)
    assert model.num_parameters(only_trainable=True) < model.num_parameters()


def test_sinusoids_never_learn():
    config = DistilBertConfig(vocab_size=30, dim=8, n_layers=1, n_heads=2, hidden_dim=8, sinusoidal_pos_embds=True)
    model = DistilBertModel(config)
    table = model.embeddings.position_embeddings.weight
    assert not table.requires_grad
    assert table[3, 0].item() == pytest.approx(torch.tensor(3.0).sin().item(), abs=1e-6)
    assert table[3, 1].item() == pytest.approx(torch.tensor(3.0).cos().item(), abs=1e-6)


def test_padding_rows_get_no_gradient():
    model = RobertaModel(RobertaConfig(**TINY))
    model(torch.tensor([[0, 5, 2, 1, 1]])).last_hidden_state.sum().backward()
    assert not model.embeddings.word_embeddings.weight.grad[1].any()
    assert not model.embeddings.position_embeddings.weight.grad[1].any()


def test_documented_optimizer_recipe():
    """`any(part in name for part in ["bias", "LayerNorm.weight"])` picks biases and norms, and nothing else."""
    model = BertForPreTraining(bert())
    exempt = {name for name, _ in model.named_parameters() if "bias" in name or "LayerNorm.weight" in name}
    assert exempt == {name for name, parameter in model.named_parameters() if parameter.dim() == 1}


def test_layer_alone():
    layer = BertLayer(bert(is_decoder=True)).eval()
    hidden = torch.randn(2, 5, 16)
    output, weights, cross = layer(hidden, encoder_hidden_states=torch.randn(2, 7, 16), output_attentions=True)
    assert output.shape == hidden.shape
    assert weights.shape == (2, 4, 5, 5) and cross.shape == (2, 4, 5, 7)


def test_masks_for_generation():
    inputs = BertForMaskedLM(bert()).prepare_inputs_for_generation(IDS)
    assert inputs["input_ids"][:, -1].tolist() == [0, 0] and inputs["attention_mask"][:, -1].tolist() == [0, 0]
    inputs = BertLMHeadModel(bert(is_decoder=True)).prepare_inputs_for_generation(IDS)
    assert inputs["input_ids"] is IDS and inputs["attention_mask"].all()


# --- state dicts and models of one's own ------------------------------------------------------------------------------


def test_old_names_in_state_dicts():
    model = BertModel(bert())
    state = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value + 1
        for name, value in model.state_dict().items()
    }
    state["embeddings.position_ids"] = torch.arange(20)[None]
    model.load_state_dict(state)
    assert (model.embeddings.LayerNorm.weight == 2).all()


class Siamese(BertPreTrainedModel):
    """A model of one's own, as papers of the time wrote them."""

    def __init__(self, config):
        super().__init__(config)
        self.num_labels = config.num_labels
        self.bert = BertModel(config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.classifier = nn.Linear(2 * config.hidden_size, config.num_labels)
        self.scale = nn.Parameter(torch.full((1,), 3.0))
        self.init_weights()

    def forward(self, first, second):
        pooled = [self.bert(ids)[1] for ids in (first, second)]
        return (self.scale * self.classifier(self.dropout(torch.cat(pooled, -1))),)


def test_a_model_of_ones_own(tmp_path):
    BertForTokenClassification(bert()).save_pretrained(tmp_path / "base")
    model, info = Siamese.from_pretrained(tmp_path / "base", output_loading_info=True, ignore_mismatched_sizes=True)
    assert "scale" in info["missing_keys"]
    assert model.scale.item() == 3.0
    model.save_pretrained(tmp_path / "own")
    again, info = Siamese.from_pretrained(tmp_path / "own", output_loading_info=True)
    assert info["missing_keys"] == info["unexpected_keys"] == []
    torch.testing.assert_close(again(IDS, IDS)[0], model(IDS, IDS)[0])
    assert "bert.encoder.layer.0.attention.self.query.weight" in again.state_dict()


def test_a_changed_forward():
    class Mine(DistilBertForSequenceClassification):
        def forward(self, input_ids, attention_mask=None):
            return self.distilbert(input_ids, attention_mask=attention_mask)[0][:, 0]

    model = Mine(tiny.config("DistilBertForSequenceClassification"))
    assert model(IDS).shape == (2, model.config.dim)


def test_configs_are_needed():
    with pytest.raises(ValueError, match=r"BertModel takes a configuration, found str; .*BertModel.from_pretrained"):
        BertModel("bert-base-uncased")

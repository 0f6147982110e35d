"""What users of the documented classes rely on beyond outputs."""
import copy
import pickle

import pytest
import torch
from tests.golden_data import model_folders
from torch import nn

import formers
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
CLASSES = sorted({folder.partition("@")[0] for folder in model_folders("Bert", "Roberta", "DistilBert")})


def tiny(**kwargs):
    return BertConfig(**{**TINY, **kwargs})


def tiny_of(cls, **kwargs):
    """A tiny model of any class."""
    if cls.config_class is DistilBertConfig:
        config = DistilBertConfig(
            vocab_size=60, dim=16, n_layers=2, n_heads=4, hidden_dim=24, max_position_embeddings=20, dropout=0.0,
            attention_dropout=0.0, qa_dropout=0.0, seq_classif_dropout=0.0, **kwargs,
        )  # fmt: skip
    else:
        config = cls.config_class(**{**TINY, **kwargs}, is_decoder=cls is BertLMHeadModel)
    return cls(config).eval()


@pytest.fixture(params=CLASSES)
def model(request):
    torch.manual_seed(0)
    return tiny_of(getattr(formers, request.param))


def ids_for(model):
    return IDS[:, None].expand(-1, 3, -1) if "MultipleChoice" in type(model).__name__ else IDS


def mask_for(model):
    return (ids_for(model) != 0).long()


# --- outputs ----------------------------------------------------------------------------------------------------------


def test_outputs_are_tuples_with_names():
    model = BertForSequenceClassification(tiny()).eval()
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
    model = BertModel(tiny()).eval()
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
        BertModel(tiny())(**arguments)


def test_deprecated_labels():
    model = BertForMaskedLM(tiny()).eval()
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
        BertForSequenceClassification(tiny())(IDS, labels=labels)


def test_answers_outside_of_the_text_are_left_out():
    model = BertForQuestionAnswering(tiny()).eval()
    both = model(IDS, start_positions=torch.tensor([1, 99]), end_positions=torch.tensor([2, 99]))
    first = model(IDS[:1], start_positions=torch.tensor([1]), end_positions=torch.tensor([2]))
    assert both.loss.item() == pytest.approx(first.loss.item(), rel=1e-5)


def test_pretraining_needs_both_labels_for_a_loss():
    model = BertForPreTraining(tiny()).eval()
    assert model(IDS, labels=IDS).loss is None
    assert model(IDS, labels=IDS, next_sentence_label=torch.tensor([0, 1])).loss is not None


def test_choices_are_regrouped():
    model = BertForMultipleChoice(tiny()).eval()
    output = model(IDS[:, None].expand(2, 3, 5), labels=torch.tensor([0, 2]))
    assert output.logits.shape == (2, 3)
    with pytest.raises(ValueError, match=r"\[batch, choices, seq\]"):
        model(IDS)


# --- invariance -------------------------------------------------------------------------------------------------------


def test_padding_does_not_matter(model):
    """A row alone gives what it gives in a padded batch."""
    ids, mask = ids_for(model), mask_for(model)
    batch = model(ids, attention_mask=mask)
    alone = model(ids[1:, ..., :3])
    for together, single in zip(batch, alone, strict=True):
        if together.dim() >= 2 and together.shape[1] == 5:
            together = together[:, :3]
        torch.testing.assert_close(together[1:], single, rtol=1e-5, atol=1e-5)


def test_tracing(model):
    """`torch.jit.trace` works, and the trace takes batches of other sizes and lengths."""
    cls = type(model)
    model = tiny_of(cls, torchscript=True)
    ids, mask = ids_for(model), mask_for(model)
    arguments = (ids, mask, mask) if cls is formers.RobertaForMultipleChoice else (ids, mask)
    trace = torch.jit.trace(model, arguments)
    for axis in (0, -1):
        other = tuple(torch.cat([argument, argument], axis) for argument in arguments)
        for traced, eager in zip(trace(*other), model(*other), strict=True):
            torch.testing.assert_close(traced, eager)


def test_attentions_and_hidden_states_do_not_change_the_result(model):
    plain = model(ids_for(model), attention_mask=mask_for(model))
    full = model(
        ids_for(model), attention_mask=mask_for(model), output_attentions=True, output_hidden_states=True
    )
    for one, other in zip(plain, full, strict=False):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    assert len(full.hidden_states) == 3 and len(full.attentions) == 2
    torch.testing.assert_close(full.attentions[0].sum(-1), torch.ones(full.attentions[0].shape[:-1]))


def test_chunked_feed_forward(model):
    expected = model(ids_for(model))[0]
    chunked = tiny_of(type(model), chunk_size_feed_forward=1)
    chunked.load_state_dict(model.state_dict())
    torch.testing.assert_close(chunked(ids_for(model))[0], expected)


def test_chunks_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="length 5 along axis 1 is no multiple of the chunk size 2"):
        BertModel(tiny(chunk_size_feed_forward=2))(IDS)


def test_gradient_checkpointing_gives_the_same_gradients():
    torch.manual_seed(0)
    plain = BertForSequenceClassification(tiny()).train()
    saving = BertForSequenceClassification(tiny(gradient_checkpointing=True)).train()
    saving.load_state_dict(plain.state_dict())
    for model in (plain, saving):
        model(IDS, MASK, labels=torch.tensor([0, 1])).loss.backward()
    for (name, one), other in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, msg=name)


def test_decoder_looks_back_only():
    model = BertLMHeadModel(tiny(is_decoder=True)).eval()
    changed = IDS.clone()
    changed[:, -1] = 11
    for mask in (None, torch.ones_like(IDS)):
        torch.testing.assert_close(model(IDS, mask)[0][:, :-1], model(changed, mask)[0][:, :-1])
    with pytest.raises(AssertionError, match="needs a config with is_decoder=True"):
        BertLMHeadModel(tiny())
    with pytest.raises(AssertionError, match="needs a config with is_decoder=False"):
        BertForMaskedLM(tiny(is_decoder=True))


# --- surgery ----------------------------------------------------------------------------------------------------------


def test_pruned_heads_are_gone_and_saved(model, tmp_path):
    cls = type(model)
    masked = torch.ones(2, 4)
    masked[0, 1] = masked[1, 0] = masked[1, 2] = 0
    expected = model(ids_for(model), head_mask=masked)[0]
    model.prune_heads({0: [1], 1: [0]})
    model.prune_heads({1: [0, 2]})
    torch.testing.assert_close(model(ids_for(model))[0], expected, rtol=1e-5, atol=1e-5)
    shapes = [tuple(w.shape) for w in model(ids_for(model), output_attentions=True)[-1]]
    assert [shape[1] for shape in shapes] == [3, 2]
    model.save_pretrained(tmp_path)
    again = cls.from_pretrained(tmp_path)
    assert again.config.pruned_heads == {0: [1], 1: [0, 2]}
    torch.testing.assert_close(again(ids_for(model))[0], expected, rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="the attention has heads 0 to 3"):
        model.prune_heads({0: [4]})


def test_resized_vocabulary(model):
    before = model.get_input_embeddings().weight.clone()
    assert model.resize_token_embeddings(None).num_embeddings == 60
    for size in (64, 50):
        table = model.resize_token_embeddings(size)
        assert table is model.get_input_embeddings()
        assert table.num_embeddings == model.config.vocab_size == size
        kept = min(size, 60)
        assert torch.equal(table.weight[:50], before[:50]) and table.weight.shape[0] >= kept
        output = model.get_output_embeddings()
        if output is not None:
            assert output.weight is table.weight
            assert output.bias.shape[0] == size
        ids = ids_for(model)
        first = model(ids)[0]
        if output is not None:
            assert first.shape[-1] == size


def test_the_table_of_words_can_be_replaced(model):
    table = nn.Embedding(60, 16)
    model.set_input_embeddings(table)
    assert model.get_input_embeddings() is model.base_model.get_input_embeddings() is table
    # The documented name of the argument; the other families here call it `value`.
    model.base_model.set_input_embeddings(
        **{"new_embeddings" if isinstance(model.config, DistilBertConfig) else "value": nn.Embedding(60, 16)}
    )
    assert model.get_input_embeddings() is not table


def test_tied_weights_learn_together():
    model = BertForMaskedLM(tiny())
    assert model.cls.predictions.decoder.weight is model.bert.embeddings.tokens.weight
    assert model.cls.predictions.decoder.bias is model.cls.predictions.bias
    cloned = BertForMaskedLM(tiny(torchscript=True))
    assert cloned.cls.predictions.decoder.weight is not cloned.bert.embeddings.tokens.weight
    assert torch.equal(cloned.cls.predictions.decoder.weight, cloned.bert.embeddings.tokens.weight)


def test_counting_parameters():
    model = BertForMaskedLM(tiny())
    assert model.num_parameters() == sum(p.numel() for p in model.parameters())
    model.bert.embeddings.requires_grad_(False)
    assert model.num_parameters(only_trainable=True) < model.num_parameters()


def test_sinusoids_never_learn():
    config = DistilBertConfig(vocab_size=30, dim=8, n_layers=1, n_heads=2, hidden_dim=8, sinusoidal_pos_embds=True)
    model = DistilBertModel(config)
    table = model.embeddings.positions.weight
    assert not table.requires_grad
    assert table[3, 0].item() == pytest.approx(torch.tensor(3.0).sin().item(), abs=1e-6)
    assert table[3, 1].item() == pytest.approx(torch.tensor(3.0).cos().item(), abs=1e-6)


def test_padding_rows_get_no_gradient():
    model = RobertaModel(RobertaConfig(**TINY))
    model(torch.tensor([[0, 5, 2, 1, 1]])).last_hidden_state.sum().backward()
    assert not model.embeddings.tokens.weight.grad[1].any()
    assert not model.embeddings.positions.weight.grad[1].any()


def test_documented_optimizer_recipe_finds_norms(model):
    """`any(part in name for part in ["bias", "LayerNorm.weight"])` picks biases and norms, and nothing else."""
    exempt = {name for name, _ in model.named_parameters() if "bias" in name or "LayerNorm.weight" in name}
    vectors = {name for name, parameter in model.named_parameters() if parameter.dim() == 1}
    assert exempt == vectors


def test_layer_alone():
    layer = BertLayer(tiny(is_decoder=True)).eval()
    hidden = torch.randn(2, 5, 16)
    output, weights, cross = layer(hidden, encoder_hidden_states=torch.randn(2, 7, 16), output_attentions=True)
    assert output.shape == hidden.shape
    assert weights.shape == (2, 4, 5, 5) and cross.shape == (2, 4, 5, 7)


def test_masks_for_generation():
    inputs = BertForMaskedLM(tiny()).prepare_inputs_for_generation(IDS)
    assert inputs["input_ids"][:, -1].tolist() == [0, 0] and inputs["attention_mask"][:, -1].tolist() == [0, 0]
    inputs = BertLMHeadModel(tiny(is_decoder=True)).prepare_inputs_for_generation(IDS)
    assert inputs["input_ids"] is IDS and inputs["attention_mask"].all()


# --- state dicts and models of one's own ------------------------------------------------------------------------------


def test_state_dicts_bear_the_names_of_the_hub_and_both_are_taken(model):
    state = model.state_dict()
    ours = {name: parameter.detach() for name, parameter in model.named_parameters(remove_duplicate=False)}
    fresh = tiny_of(type(model))
    for given in (state, ours):
        for parameter in fresh.parameters():
            parameter.data.zero_()
        result = fresh.load_state_dict(given)
        assert not result.missing_keys and not result.unexpected_keys
        assert all(torch.equal(value, state[name]) for name, value in fresh.state_dict().items())


def test_old_names_in_state_dicts():
    model = BertModel(tiny())
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
    BertForTokenClassification(tiny()).save_pretrained(tmp_path / "base")
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

    assert tiny_of(Mine)(IDS).shape == (2, 16)


def test_configs_are_needed():
    with pytest.raises(ValueError, match=r"BertModel takes a configuration, found str; .*BertModel.from_pretrained"):
        BertModel("bert-base-uncased")

"""The documented `convert_*` modules, each from a checkpoint of the other form and back."""

import json

import numpy as np
import pytest
import torch
from tests.models.test_originals import (
    GPT_LAYER,
    GPT_SIZES,
    T5_SIZES,
    arrays,
    made,
    openai_variables,
    same,
    save,
    t5_variables,
)

import formers
from formers.compat.converters import bert, dialogpt, gpt2, openai_gpt, original_model, original_tf, t5, tf2

BERT_SIZES = {
    "vocab_size": 20, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12,
    "max_position_embeddings": 16,
}  # fmt: skip


def written(path, config):
    config.to_json_file(path)
    return str(path)


def test_bert_to_the_original_code_and_back(tmp_path):
    pytest.importorskip("tensorflow")
    config = formers.BertConfig(**BERT_SIZES)
    model = made(formers.BertModel, config)
    original_tf.convert_pytorch_checkpoint_to_tf(model, str(tmp_path / "new"), "my-bert")
    prefix = tmp_path / "new" / "my_bert.ckpt"
    same(formers.load_tf_weights_in_bert(formers.BertModel(config), config, str(prefix)), model)
    dump = tmp_path / "dump.bin"
    bert.convert_tf_checkpoint_to_pytorch(str(prefix), written(tmp_path / "config.json", config), str(dump))
    state = torch.load(dump, weights_only=True)
    assert state.keys() == formers.BertForPreTraining(config).state_dict().keys()
    for name, value in model.state_dict().items():
        assert torch.equal(state[f"bert.{name}"], value), name


def test_gpt2(tmp_path):
    model = made(formers.GPT2Model, formers.GPT2Config(**GPT_SIZES))
    checkpoint = save(tmp_path / "model.ckpt", openai_variables(arrays(model)))
    config = written(tmp_path / "given.json", model.config)
    gpt2.convert_gpt2_checkpoint_to_pytorch(checkpoint, config, str(tmp_path / "out"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["config.json", "pytorch_model.bin"]
    same(formers.GPT2Model.from_pretrained(tmp_path / "out"), model)


def test_gpt(tmp_path):
    model = made(formers.OpenAIGPTModel, formers.OpenAIGPTConfig(**GPT_SIZES))
    variables = openai_variables(arrays(model))
    names = [f"model/h{layer}/{name}" for layer in range(model.config.n_layer) for name in GPT_LAYER]
    values = [variables[name] for name in ("model/positions_embed", "model/tokens_embed", *names)]
    np.save(tmp_path / "params_0.npy", np.concatenate([value.reshape(-1) for value in values]))
    (tmp_path / "params_shapes.json").write_text(json.dumps([list(value.shape) for value in values]))
    config = written(tmp_path / "given.json", model.config)
    openai_gpt.convert_openai_checkpoint_to_pytorch(str(tmp_path), config, str(tmp_path / "out"))
    same(formers.OpenAIGPTModel.from_pretrained(tmp_path / "out"), model)


def test_t5(tmp_path):
    model = made(formers.T5ForConditionalGeneration, formers.T5Config(**T5_SIZES))
    state = arrays(model)
    checkpoint = save(tmp_path / "model.ckpt", t5_variables(state))
    config = written(tmp_path / "given.json", model.config)
    t5.convert_tf_checkpoint_to_pytorch(checkpoint, config, str(tmp_path / "dump.bin"))
    found = torch.load(tmp_path / "dump.bin", weights_only=True)
    assert found.keys() == state.keys()
    for name, value in found.items():
        if "EncDecAttention.relative" not in name:  # which the original has not
            assert (value.numpy() == state[name]).all(), name


def test_dialogpt(tmp_path):
    model = made(formers.GPT2LMHeadModel, formers.GPT2Config(**GPT_SIZES))
    state = model.state_dict()
    state[dialogpt.OLD_KEY] = state.pop(dialogpt.NEW_KEY)
    torch.save(state, tmp_path / "small_ft.pkl")
    model.config.save_pretrained(tmp_path / "out")
    dialogpt.convert_dialogpt_checkpoint(str(tmp_path / "small_ft.pkl"), str(tmp_path / "out"))
    same(formers.GPT2LMHeadModel.from_pretrained(tmp_path / "out"), model)
    del state[dialogpt.OLD_KEY]
    torch.save(state, tmp_path / "other.pkl")
    with pytest.raises(OSError, match="no tensor 'lm_head.decoder.weight'"):
        dialogpt.convert_dialogpt_checkpoint(str(tmp_path / "other.pkl"), str(tmp_path / "out"))


@pytest.mark.parametrize("name", ["bert", "bert-base-cased-finetuned-mrpc", "t5"])
def test_pytorch_to_tensorflow(tmp_path, name):
    pytest.importorskip("tensorflow")
    config_class, tf_class, pt_class, published = tf2.MODEL_CLASSES[name]
    sizes = T5_SIZES if name == "t5" else BERT_SIZES
    model = made(pt_class, config_class(**sizes))
    assert published and tf_class.__name__ == f"TF{pt_class.__name__}"
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    config = written(tmp_path / "config.json", model.config)
    files = (str(tmp_path / "pytorch_model.bin"), config, str(tmp_path / "tf_model.h5"))
    tf2.convert_pt_checkpoint_to_tf(name, *files, compare_with_pt_model=True)
    (tmp_path / "pytorch_model.bin").unlink()
    same(pt_class.from_pretrained(tmp_path, from_tf=True), model)


def test_a_difference_between_the_frameworks_is_an_error(tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    model = made(formers.BertForPreTraining, formers.BertConfig(**BERT_SIZES))
    torch.save(model.state_dict(), tmp_path / "weights.bin")
    whole = tf2._state_dict

    def other(path):
        return {name: value + 1 if "word_embeddings" in name else value for name, value in whole(path).items()}

    monkeypatch.setattr(tf2, "_state_dict", other)
    files = (tmp_path / "weights.bin", written(tmp_path / "config.json", model.config), tmp_path / "tf_model.h5")
    with pytest.raises(ValueError, match="the first output of the two models differs by"):
        tf2.convert_pt_checkpoint_to_tf("bert", *files, compare_with_pt_model=True)
    with pytest.raises(ValueError, match="unknown model type 'rnn', expected one of .*bert-base-cased-finetuned-mrpc"):
        tf2.convert_pt_checkpoint_to_tf("rnn", *files)


def test_what_cannot_be_converted_is_named():
    with pytest.raises(ValueError, match="unknown model type 'rnn'"):
        original_model("rnn", "x")
    with pytest.raises(ValueError, match="no TensorFlow checkpoints of the model type 'distilbert'"):
        original_model("distilbert", "x")

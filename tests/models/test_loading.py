"""Loading: what fits, what does not, and what a person is told."""
import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.golden_data import GOLDEN, read

import formers
from formers import BertConfig, BertForMaskedLM, BertForPreTraining, BertForSequenceClassification, BertModel

SOURCE = GOLDEN / "models" / "BertForPreTraining"
BASES = {"Bert": "bert.", "Roberta": "roberta.", "DistilBert": "distilbert."}


@pytest.fixture
def folder(tmp_path):
    """A copy of a recorded model."""
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((SOURCE / name).read_bytes())
    return tmp_path


def rows(kind):
    return [
        pytest.param(row, id=f"{row.get('kind', row.get('delta'))}-{row.get('target', row.get('cls'))}")
        for row in read(f"misc/{kind}.json")
    ]


@pytest.mark.parametrize("row", rows("loading"))
def test_files_of_other_classes(row, tmp_path):
    """Missing and unexpected weights are those of the original."""
    source = GOLDEN / row["source"]
    state = load_file(source / "model.safetensors")
    prefix = next(prefix for name, prefix in BASES.items() if row["target"].startswith(name))
    if row["kind"] == "base prefix removed":
        state = {name.removeprefix(prefix): value for name, value in state.items()}
    elif row["kind"] == "gamma and beta":
        state = {
            name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
            for name, value in state.items()
        }
    elif row["kind"] == "extra and absent keys":
        del state[list(state)[2]]
        state["something.extra"] = torch.zeros(2)
    elif row["kind"] == "wrong shape":
        name = next(name for name in state if name.endswith("position_embeddings.weight"))
        state[name] = state[name][:, :-1].clone()
    (tmp_path / "config.json").write_bytes((source / "config.json").read_bytes())
    torch.save(state, tmp_path / "pytorch_model.bin")
    cls = getattr(formers, row["target"])
    if row["kind"] == "wrong shape":
        with pytest.raises(RuntimeError, match=r"size mismatch for \S+position_embeddings.weight: the checkpoint has"):
            cls.from_pretrained(tmp_path)
        return
    model, info = cls.from_pretrained(tmp_path, output_loading_info=True)
    assert sorted(info["missing_keys"]) == row["missing_keys"]
    assert sorted(info["unexpected_keys"]) == row["unexpected_keys"]
    assert not model.training


@pytest.mark.parametrize("row", rows("resize"))
def test_resizing(row):
    model = getattr(formers, row["cls"]).from_pretrained(GOLDEN / "models" / row["cls"])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.resize_token_embeddings(model.config.vocab_size + row["delta"])
    assert model.config.vocab_size == row["config_vocab_size"]
    after = model.state_dict()
    changed = {
        name: [list(before[name].shape), list(value.shape)]
        for name, value in after.items()
        if before[name].shape != value.shape
    }
    assert changed == row["changed"]
    for name in changed:
        kept = min(before[name].shape[0], after[name].shape[0])
        assert torch.equal(before[name][:kept], after[name][:kept])


def test_config_is_updated_by_keywords(folder):
    model = BertForSequenceClassification.from_pretrained(folder, num_labels=10, output_attentions=True)
    assert model.config.num_labels == 10
    assert model.classifier.out_features == 10
    assert len(model(torch.tensor([[1, 2]])).attentions) == model.config.num_hidden_layers


def test_the_report_names_random_weights(folder, caplog):
    _, info = BertForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    assert info["initialized_keys"] == ["classifier.weight", "classifier.bias"]
    assert "classifier.weight [2, 24]" in caplog.text
    assert "Train the model on your task" in caplog.text
    assert "cls.seq_relationship.weight" in caplog.text


def test_a_load_without_leftovers_is_silent(folder, caplog):
    BertForPreTraining.from_pretrained(folder)
    BertModel.from_pretrained(folder)
    assert not caplog.records


def test_absent_tied_copies_are_not_random(folder, caplog):
    """Later libraries store tied weights once."""
    state = load_file(folder / "model.safetensors")
    expected = BertForMaskedLM.from_pretrained(folder).state_dict()
    for dropped in ("predictions.decoder.weight", "word_embeddings.weight"):
        less = {name: value for name, value in state.items() if dropped not in name and "decoder.bias" not in name}
        assert len(less) == len(state) - 2
        save_file(less, folder / "model.safetensors")
        caplog.clear()
        model, info = BertForMaskedLM.from_pretrained(folder, output_loading_info=True)
        assert info["initialized_keys"] == []
        assert all(torch.equal(value, expected[name]) for name, value in model.state_dict().items())


def test_mismatched_shapes_may_be_ignored(folder):
    with pytest.raises(RuntimeError, match=r"word_embeddings.weight: the checkpoint has \[99, 24\], the model \[50,"):
        BertModel.from_pretrained(folder, vocab_size=50)
    model = BertModel.from_pretrained(folder, vocab_size=50, ignore_mismatched_sizes=True)
    assert model.get_input_embeddings().num_embeddings == 50


def test_state_dict_instead_of_a_file(folder):
    state = {name: value + 1 for name, value in load_file(folder / "model.safetensors").items()}
    model = BertModel.from_pretrained(folder, state_dict=state)
    assert torch.equal(model.state_dict()["pooler.dense.bias"], state["bert.pooler.dense.bias"])
    model = BertModel.from_pretrained(None, config=BertConfig.from_pretrained(folder), state_dict=state)
    assert torch.equal(model.state_dict()["pooler.dense.bias"], state["bert.pooler.dense.bias"])
    with pytest.raises(ValueError, match="needs state_dict and config"):
        BertModel.from_pretrained(None, config=BertConfig())


def test_a_weights_file_with_a_config(folder):
    config = BertConfig.from_pretrained(folder)
    assert BertModel.from_pretrained(folder / "model.safetensors", config=config).config is config


def test_types(folder):
    assert BertModel.from_pretrained(folder).dtype == torch.float32
    for given in ({"dtype": "bfloat16"}, {"torch_dtype": torch.bfloat16}):
        model = BertModel.from_pretrained(folder, **given)
        assert model(torch.tensor([[1, 2]]))[0].dtype == torch.bfloat16
    half = BertModel.from_pretrained(folder).half()
    half.save_pretrained(folder / "half")
    again = BertModel.from_pretrained(folder / "half")
    assert again.dtype == torch.float32
    with pytest.raises(ValueError, match="dtype is 'int8'; expected float32"):
        BertModel.from_pretrained(folder, dtype="int8")


def test_a_folder_without_weights(tmp_path):
    BertConfig().save_pretrained(tmp_path)
    with pytest.raises(OSError, match=r"has no weights: expected one of model.safetensors, .* It holds config.json"):
        BertModel.from_pretrained(tmp_path)


def test_training_a_loaded_model_leaves_the_file_alone(folder):
    """The weights are views of the file: writing to them must not reach it."""
    before = (folder / "model.safetensors").read_bytes()
    model = BertModel.from_pretrained(folder)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    model.save_pretrained(folder)
    assert (folder / "model.safetensors").read_bytes() != before
    again = BertModel.from_pretrained(folder)
    assert torch.equal(again.state_dict()["pooler.dense.bias"], model.state_dict()["pooler.dense.bias"])


def test_a_failed_save_keeps_the_old_file(folder, monkeypatch):
    before = (folder / "model.safetensors").read_bytes()
    model = BertModel.from_pretrained(folder)
    monkeypatch.setattr("os.replace", lambda *names: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        model.save_pretrained(folder)
    assert (folder / "model.safetensors").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]
    with pytest.raises(ValueError, match="format is 'onnx'; expected one of safetensors, bin, h5"):
        model.save_pretrained(folder, format="onnx")


def test_other_weights_in_the_folder_are_told_of(folder, caplog):
    """A safetensors file is read before the others, also where they are newer."""
    model = BertModel.from_pretrained(folder)
    model.save_pretrained(folder)
    assert not caplog.records
    model.save_pretrained(folder, format="bin")
    assert "pytorch_model.bin was written, but" in caplog.text and "holds model.safetensors" in caplog.text


def test_building_does_not_import_the_compiler():
    """PyTorch's compiler takes seconds to import; random numbers on the meta device would."""
    code = (
        "import sys, torch; before = set(sys.modules); import formers; "
        f"formers.BertModel.from_pretrained({str(SOURCE)!r}); "
        "print([name for name in set(sys.modules) - before if name.startswith('torch._dynamo')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_original_tensorflow_checkpoints(folder):
    """The names of BERT's original code, optimizer and all, give the same model."""
    tf = pytest.importorskip("tensorflow")
    state = load_file(folder / "model.safetensors")
    variables = {}
    for name, value in state.items():
        if name in ("cls.predictions.decoder.weight", "cls.predictions.decoder.bias"):
            continue
        original = name.replace("encoder.layer.", "encoder.layer_")
        head, _, leaf = original.rpartition(".")
        array = value.numpy()
        if head.endswith("LayerNorm"):
            leaf = {"weight": "gamma", "bias": "beta"}[leaf]
        elif head.endswith("_embeddings"):
            head, _, leaf = head.rpartition(".")
        elif name in ("cls.predictions.bias", "cls.seq_relationship.bias"):
            leaf = "output_bias"
        elif name == "cls.seq_relationship.weight":
            leaf = "output_weights"
        elif leaf == "weight":
            array, leaf = array.T, "kernel"
        variables[f"{head}.{leaf}".replace(".", "/")] = array
    variables["bert/pooler/dense/bias/adam_m"] = state["bert.pooler.dense.bias"].numpy()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        for name, array in variables.items():
            tf.compat.v1.get_variable(name, initializer=array.copy())
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver().save(session, str(folder / "bert_model.ckpt"), write_meta_graph=False)
    config = BertConfig.from_pretrained(folder)
    expected = BertForPreTraining.from_pretrained(folder).state_dict()
    direct = formers.load_tf_weights_in_bert(BertForPreTraining(config), config, str(folder / "bert_model.ckpt"))
    loaded = BertForPreTraining.from_pretrained(folder / "bert_model.ckpt.index", config=config, from_tf=True)
    for model in (direct, loaded):
        assert all(torch.equal(value, expected[name]) for name, value in model.state_dict().items())


def test_configs_of_unknown_models(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "martian"}))
    with pytest.raises(ValueError, match="martian"):
        formers.AutoModel.from_pretrained(tmp_path)

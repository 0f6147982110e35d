import inspect
import json
from pathlib import Path

import pytest

import formers
from formers import BertConfig, DistilBertConfig, PretrainedConfig, RobertaConfig
from formers.families.bert.configuration import BERT_PRETRAINED_CONFIG_ARCHIVE_MAP, BERT_PRETRAINED_MODEL_ARCHIVE_LIST

RECORDED = json.loads((Path(__file__).parent.parent / "golden" / "configuration" / "configs.json").read_text())
CLASSES = [BertConfig, RobertaConfig, DistilBertConfig]


def through_json(value):
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("cls", [*CLASSES, PretrainedConfig])
def test_defaults_are_the_documented_ones(cls):
    recorded = RECORDED[cls.__name__]
    assert through_json(cls().to_dict()) == recorded["to_dict"]
    if cls is PretrainedConfig:
        return
    assert through_json(cls().to_diff_dict()) == recorded["to_diff_dict"]
    parameters = [
        [name, "<required>" if parameter.default is parameter.empty else parameter.default, parameter.kind.name]
        for name, parameter in inspect.signature(cls).parameters.items()
    ]
    assert parameters == recorded["parameters"]
    for name, value in recorded["properties"].items():
        assert getattr(cls(), name, {"error": "AttributeError"}) == value


@pytest.mark.parametrize("cls", CLASSES)
def test_saved_and_loaded(cls, tmp_path):
    config = cls(num_labels=3, pruned_heads={1: [0, 2]}, own_key="x", output_attentions=True, layer_norm_eps=1e-5)
    config.save_pretrained(tmp_path / "new" / "folder")
    file = tmp_path / "new" / "folder" / "config.json"
    assert file.read_text() == config.to_json_string()
    for loaded in (cls.from_pretrained(file.parent), cls.from_pretrained(str(file)), cls.from_json_file(file)):
        assert loaded == config
        assert loaded.id2label == {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}
        assert loaded.pruned_heads == {1: [0, 2]}
        assert loaded.own_key == "x"
    config.to_json_file(file, use_diff=False)
    assert json.loads(file.read_text())["num_beams"] == 1
    assert cls.from_pretrained(file.parent) == config


def test_overrides_and_unused_keywords(tmp_path):
    BertConfig(id2label={0: "no", 1: "yes"}).save_pretrained(tmp_path)
    config, unused = BertConfig.from_pretrained(
        tmp_path, num_labels=10, output_attentions=True, foo=False, return_unused_kwargs=True, cache_dir="x"
    )
    assert (config.num_labels, config.output_attentions, unused) == (10, True, {"foo": False})
    assert config.id2label[9] == "LABEL_9" and config.label2id["LABEL_9"] == 9
    same = BertConfig.from_pretrained(tmp_path, num_labels=2)
    assert same.id2label == {0: "no", 1: "yes"}
    config_dict, rest = BertConfig.get_config_dict(tmp_path, foo=1, local_files_only=True)
    assert config_dict["model_type"] == "bert" and rest == {"foo": 1}


def test_labels():
    assert BertConfig(id2label={"0": "a", "1": "b"}).label2id == {"a": 0, "b": 1}
    assert BertConfig(label2id={"a": 0, "b": 1, "c": 2}).id2label == {0: "a", 1: "b", 2: "c"}
    assert BertConfig(id2label={0: "a", 1: "b"}, num_labels=5).num_labels == 2
    config = BertConfig(id2label=None, label2id=None)
    assert config.num_labels == 2
    config.update({"num_labels": 4, "hidden_size": 12})
    assert (len(config.id2label), len(config.label2id), config.hidden_size) == (4, 4, 12)


def test_two_configurations_share_nothing():
    first, second = BertConfig(), BertConfig()
    first.pruned_heads[0] = [1]
    first.id2label[0] = "changed"
    first.to_dict()["label2id"]["LABEL_0"] = 7
    assert second == BertConfig()
    assert first.label2id == {"LABEL_0": 0, "LABEL_1": 1}
    assert first != second and BertConfig() != RobertaConfig()


def test_aliases():
    config = DistilBertConfig(hidden_size=16, num_hidden_layers=3, num_attention_heads=2)
    assert (config.dim, config.n_layers, config.n_heads) == (16, 3, 2)
    config.dim = 32
    assert config.hidden_size == 32
    assert "hidden_size" not in config.to_dict()


def test_another_model_type_is_said(caplog):
    config = BertConfig.from_dict({"model_type": "gpt2"})
    assert config.model_type == "bert"
    assert "'gpt2' is read as BertConfig" in caplog.text
    assert PretrainedConfig(model_type="anything").model_type == "anything"


def test_repr_shows_what_is_saved():
    assert repr(BertConfig()).startswith("BertConfig {")


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", '"x"', "\x00\x01", "[" * 100_000])
def test_bad_files(content, tmp_path):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(OSError, match=r"config\.json"):
        BertConfig.from_pretrained(tmp_path)


@pytest.mark.parametrize("content", [{"to_dict": 1}, {"__class__": "x"}, {"__dict__": {}}, {"id2label": [1]}])
def test_keys_that_would_do_more_than_hold_a_value(content, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match="another meaning|must map"):
        BertConfig.from_pretrained(tmp_path)


def test_from_the_hub(hub):
    hub.add("bert-base-uncased", config__json=b'{"hidden_size": 12}')
    assert BertConfig.from_pretrained("bert-base-uncased").hidden_size == 12
    address = BERT_PRETRAINED_CONFIG_ARCHIVE_MAP["bert-base-uncased"].replace("https://huggingface.co", hub.url)
    assert BertConfig.from_pretrained(address).hidden_size == 12
    assert list(BERT_PRETRAINED_CONFIG_ARCHIVE_MAP) == BERT_PRETRAINED_MODEL_ARCHIVE_LIST


def test_saving_into_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="it is a file"):
        BertConfig().save_pretrained(tmp_path / "file")


@pytest.mark.parametrize("value", ["32", None, 32.0, [32]])
def test_sizes_are_whole_numbers(value, tmp_path):
    with pytest.raises(TypeError, match=r"hidden_size of BertConfig is .*, and a whole number was expected"):
        BertConfig(hidden_size=value)
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": value}))
    with pytest.raises(TypeError, match="hidden_size"):
        BertConfig.from_pretrained(tmp_path)


def test_a_pointer_instead_of_a_configuration(tmp_path):
    (tmp_path / "config.json").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 600\n")
    with pytest.raises(OSError, match=r"config\.json is a git-LFS pointer, and the content of 600 bytes is not here"):
        BertConfig.from_pretrained(tmp_path)


def test_what_a_class_would_set_by_itself_is_saved_as_it_is(tmp_path):
    from formers import GPT2Config

    GPT2Config(eos_token_id=None).save_pretrained(tmp_path)
    assert GPT2Config().eos_token_id is not None
    assert GPT2Config.from_pretrained(tmp_path).eos_token_id is None


@pytest.mark.parametrize("name", ["BertConfig", "BertTokenizer", "BertModel", "AutoModel", "TFBertModel"])
def test_what_names_no_model_is_said(name):
    for wrong, found in [(None, "None"), (3, "a int")]:
        with pytest.raises(TypeError, match=f"^{found} names no model: expected the name of one on the hub"):
            getattr(formers, name).from_pretrained(wrong)

"""AutoConfig, AutoTokenizer and AutoModel* pick the class that a checkpoint needs."""

import json

import pytest
from tests import tiny

import formers
from formers import (
    AutoConfig,
    AutoModel,
    AutoModelWithLMHead,
    AutoTokenizer,
    BertConfig,
    RobertaConfig,
)
from formers.families import families

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 40}
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "##s"]


MODEL_CLASSES = [name for name in dir(formers) if name.startswith("AutoModel")]
TF_MODEL_CLASSES = [name for name in dir(formers) if name.startswith("TFAutoModel")]


@pytest.fixture
def folder(tmp_path):
    """A BERT checkpoint: configuration and vocabulary, no weights."""
    BertConfig(**SMALL).save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS))
    return tmp_path


def without_model_type(folder, name):
    content = json.loads((folder / "config.json").read_text())
    del content["model_type"]
    other = folder / name
    other.mkdir()
    (other / "config.json").write_text(json.dumps(content))
    return other


class TestConfig:
    def test_reads_the_model_type(self, folder):
        config = AutoConfig.from_pretrained(folder)
        assert type(config) is BertConfig
        assert config.hidden_size == 16

    def test_overrides_and_unused_keywords(self, folder):
        config, unused = AutoConfig.from_pretrained(
            folder, output_attentions=True, num_labels=10, foo=False, return_unused_kwargs=True
        )
        assert config.output_attentions is True
        assert config.num_labels == 10
        assert unused == {"foo": False}

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("my-roberta-small", "RobertaConfig"), ("distilbert-x", "DistilBertConfig"), ("bertish", "BertConfig")],
    )
    def test_falls_back_to_the_name(self, folder, name, expected):
        config = AutoConfig.from_pretrained(f"{without_model_type(folder, name)}")
        assert type(config).__name__ == expected

    def test_name_tells_nothing(self, folder, monkeypatch):
        without_model_type(folder, "nameless")
        monkeypatch.chdir(folder)
        with pytest.raises(ValueError, match=r"'nameless'.*model_type.*Known model types: .*bert"):
            AutoConfig.from_pretrained("nameless")

    @pytest.mark.parametrize("wrong", ["deberta", 3, ["bert"], {}])
    def test_unknown_model_type_names_the_known_ones(self, folder, wrong):
        (folder / "config.json").write_text(json.dumps({"model_type": wrong or "wrong"}))
        with pytest.raises(ValueError, match="unknown model type.*Known model types: .*bert") as caught:
            AutoConfig.from_pretrained(folder)
        assert str(folder) in str(caught.value)

    def test_for_model(self):
        assert AutoConfig.for_model("roberta", vocab_size=7).vocab_size == 7
        with pytest.raises(ValueError, match="unknown model type 'rnn'"):
            AutoConfig.for_model("rnn")

    def test_missing_folder(self, tmp_path):
        with pytest.raises(OSError, match="nowhere"):
            AutoConfig.from_pretrained(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["AutoConfig", "AutoTokenizer", *MODEL_CLASSES, *TF_MODEL_CLASSES])
def test_cannot_be_made_directly(name):
    with pytest.raises(EnvironmentError, match=f"{name}.from_pretrained"):
        getattr(formers, name)()


class TestTokenizer:
    def test_slow_by_default_fast_on_request(self, folder):
        assert type(AutoTokenizer.from_pretrained(folder)).__name__ == "BertTokenizer"
        assert type(AutoTokenizer.from_pretrained(folder, use_fast=True)).__name__ == "BertTokenizerFast"

    def test_passes_its_own_options_on(self, folder):
        tokenizer = AutoTokenizer.from_pretrained(folder, do_lower_case=False, model_max_length=9)
        assert tokenizer.tokenize("Hello hellos") == ["[UNK]", "hello", "##s"]
        assert tokenizer.model_max_length == 9

    def test_config_instead_of_the_checkpoints_own(self, folder):
        (folder / "config.json").unlink()
        assert type(AutoTokenizer.from_pretrained(folder, config=BertConfig())).__name__ == "BertTokenizer"


class TestModel:
    @pytest.mark.parametrize("name", MODEL_CLASSES)
    @pytest.mark.parametrize("model_type", sorted(families()))
    @pytest.mark.filterwarnings("ignore:AutoModelWithLMHead:FutureWarning")
    def test_from_config(self, name, model_type):
        auto = getattr(formers, name)
        family = families()[model_type]
        config = tiny.config_of(model_type)
        config.is_decoder = name == "AutoModelForCausalLM"
        key = formers.BartConfig if model_type == "mbart" else family.config  # mBART is BART with other settings
        if key in auto._table:
            assert type(auto.from_config(config)) is auto._table[key]
        else:
            with pytest.raises(ValueError, match=f"{name} has no class for .*{family.config.__name__}"):
                auto.from_config(config)

    @pytest.mark.parametrize("name", TF_MODEL_CLASSES)
    @pytest.mark.parametrize("model_type", sorted(families()))
    @pytest.mark.filterwarnings("ignore:TFAutoModelWithLMHead:FutureWarning")
    def test_tensorflow_from_config(self, name, model_type):
        pytest.importorskip("tensorflow")
        auto, family = getattr(formers, name), families()[model_type]
        key = formers.BartConfig if model_type == "mbart" else family.config
        if key not in auto._table:
            with pytest.raises(ValueError, match=f"{name} has no class for .*{family.config.__name__}"):
                auto.from_config(tiny.config_of(model_type))
            return
        model = auto.from_config(tiny.config_of(model_type))
        assert type(model) is auto._table[key]
        assert type(model).__name__.startswith("TF")

    def test_tensorflow_reads_what_pytorch_wrote(self, folder):
        pytest.importorskip("tensorflow")
        model = AutoModel.from_config(BertConfig(**SMALL)).eval()
        model.save_pretrained(folder)
        loaded, info = formers.TFAutoModel.from_pretrained(folder, output_loading_info=True)
        assert type(loaded).__name__ == "TFBertModel"
        assert info["missing_keys"] == []
        tokenizer = AutoTokenizer.from_pretrained(folder)
        ours = loaded(tokenizer("hello worlds", return_tensors="tf"))[0].numpy()
        theirs = model(**tokenizer("hello worlds", return_tensors="pt"))[0].detach().numpy()
        assert abs(ours - theirs).max() < 1e-5

    def test_round_trip_with_overrides(self, folder):
        model = AutoModel.from_config(BertConfig(**SMALL))
        model.save_pretrained(folder)
        loaded, info = AutoModel.from_pretrained(folder, output_attentions=True, output_loading_info=True)
        assert type(loaded) is type(model)
        assert loaded.config.output_attentions is True
        assert info["missing_keys"] == [] and info["unexpected_keys"] == []
        assert not loaded.training
        ours, theirs = loaded.state_dict(), model.state_dict()
        assert ours.keys() == theirs.keys()
        assert all((ours[key] == theirs[key]).all() for key in ours)

    def test_keywords_of_the_hub_are_no_attributes(self, folder):
        where = {"cache_dir": folder / "cache", "local_files_only": True, "proxies": None, "revision": "main"}
        AutoModel.from_config(BertConfig(**SMALL)).save_pretrained(folder)
        config = AutoConfig.from_pretrained(folder, **where)
        model = AutoModel.from_pretrained(folder, **where, output_hidden_states=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, **where)
        for thing in (config, model.config, tokenizer):
            assert not any(hasattr(thing, name) for name in where)
        assert "revision" not in tokenizer.init_kwargs
        assert model.config.output_hidden_states is True and not (folder / "cache").exists()

    def test_given_config_decides(self, folder):
        AutoModel.from_config(BertConfig(**SMALL)).save_pretrained(folder)
        config = BertConfig(**SMALL, output_hidden_states=True)
        assert AutoModel.from_pretrained(folder, config=config).config.output_hidden_states is True
        # ... and may be the place to read one from
        assert type(AutoModel.from_pretrained(folder, config=folder)).__name__ == "BertModel"

    def test_subclassed_config(self):
        class Mine(RobertaConfig):
            pass

        assert type(AutoModel.from_config(Mine(**SMALL))).__name__ == "RobertaModel"

    def test_lm_head_warns(self):
        with pytest.warns(FutureWarning, match="AutoModelForMaskedLM") as record:
            AutoModelWithLMHead.from_config(BertConfig(**SMALL))
        assert record[0].filename == __file__

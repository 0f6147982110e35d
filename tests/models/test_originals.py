"""Checkpoints as the authors of GPT, GPT-2 and T5 published them: their names, their shapes, their order."""

import json
import re

import numpy as np
import pytest
import torch

import formers
from formers import CheckpointError, cli

GPT_SIZES = {"n_embd": 8, "n_layer": 3, "n_head": 2, "n_positions": 12, "n_ctx": 12, "vocab_size": 20}
T5_SIZES = {"d_model": 8, "d_kv": 3, "d_ff": 10, "num_layers": 2, "num_heads": 2, "vocab_size": 20}
T5_SIZES["relative_attention_num_buckets"] = 4
CROSS = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
GPT_LAYER = [
    "attn/c_attn/w", "attn/c_attn/b", "attn/c_proj/w", "attn/c_proj/b", "ln_1/g", "ln_1/b",
    "mlp/c_fc/w", "mlp/c_fc/b", "mlp/c_proj/w", "mlp/c_proj/b", "ln_2/g", "ln_2/b",
]  # fmt: skip


def made(cls, config):
    """A model whose weights are all different, norms and biases too."""
    torch.manual_seed(3)
    model = cls(config).eval()
    for parameter in model.parameters():
        parameter.data.normal_()
    return model


def arrays(model):
    buffers = dict(model.named_buffers())
    return {name: value.numpy() for name, value in model.state_dict().items() if name not in buffers}


def same(model, expected):
    ours, theirs = model.state_dict(), expected.state_dict()
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert torch.equal(value, theirs[name]), name


def save(prefix, variables):
    tf = pytest.importorskip("tensorflow")
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=list(variables),
        shape_and_slices=[""] * len(variables),
        tensors=list(variables.values()),
    )
    return str(prefix)


def openai_variables(state):
    """State dict of a GPT model -> what OpenAI's code calls and shapes it."""
    found = {}
    for name, array in state.items():
        head, _, leaf = name.removeprefix("transformer.").rpartition(".")
        norm = ".ln_" in f".{head}"
        path = re.sub(r"^h/(\d+)", r"h\1", head.replace(".", "/"))
        if path in ("wte", "wpe", "tokens_embed", "positions_embed"):
            found[f"model/{path}"] = array
        elif leaf == "weight":
            found[f"model/{path}/{'g' if norm else 'w'}"] = array if norm else array[None]
        else:
            found[f"model/{path}/b"] = array
    return found


def t5_variables(state):
    """State dict of a T5 -> Mesh TensorFlow's names."""
    found = {"shared/embedding": state["shared.weight"], "global_step": np.int64(9)}
    for name, array in state.items():
        if name.startswith(("encoder.block", "decoder.block")):
            scopes = re.sub(r"(block|layer)\.(\d+)", lambda match: f"{match[1]}_{int(match[2]):03d}", name)
            scopes = scopes.removesuffix(".weight").replace(".", "/")
            if "layer_norm" in name:
                found[f"{scopes}/scale"] = array
            elif "DenseReluDense" in name:
                found[f"{scopes}/kernel"] = array.T
            else:
                found[scopes] = array.T
        elif "final_layer_norm" in name:
            found[name.replace(".weight", "/scale").replace(".", "/")] = array
    found["encoder/block_000/layer_000/SelfAttention/q_slot_vr"] = np.zeros(8, "float32")
    found["shared/embedding_slot_vc"] = np.zeros(8, "float32")
    return found


# GPT-2


@pytest.fixture
def gpt2(tmp_path):
    model = made(formers.GPT2LMHeadModel, formers.GPT2Config(**GPT_SIZES))
    return model, save(tmp_path / "model.ckpt", openai_variables(arrays(model.transformer)))


def test_gpt2_in_openais_names(gpt2, caplog):
    model, path = gpt2
    config = model.config
    for given in (path, f"{path}.index"):
        same(formers.load_tf_weights_in_gpt2(formers.GPT2LMHeadModel(config), config, given), model)
    same(formers.load_tf_weights_in_gpt2(formers.GPT2Model(config), config, path), model.transformer)
    same(formers.GPT2LMHeadModel.from_pretrained(f"{path}.index", config=config, from_tf=True), model)
    assert not caplog.messages


def test_gpt2_of_another_size(gpt2):
    config = formers.GPT2Config(**{**GPT_SIZES, "vocab_size": 21})
    with pytest.raises(RuntimeError, match=r"wte.weight: the checkpoint has \[20, 8\], the model \[21, 8\]"):
        formers.load_tf_weights_in_gpt2(formers.GPT2LMHeadModel(config), config, gpt2[1])


def test_what_is_not_there_is_told(gpt2, tmp_path, caplog):
    model, _ = gpt2
    variables = openai_variables(arrays(model.transformer))
    variables["model/h1/attn/c_strange/w"] = variables.pop("model/h1/attn/c_proj/w")
    path = save(tmp_path / "other.ckpt", variables)
    formers.load_tf_weights_in_gpt2(formers.GPT2LMHeadModel(model.config), model.config, path)
    assert "transformer.h.1.attn.c_proj.weight" in caplog.text and "h.1.attn.c_strange.weight" in caplog.text
    with pytest.raises(CheckpointError, match="no complete TensorFlow checkpoint"):
        formers.load_tf_weights_in_gpt2(model, model.config, str(tmp_path / "none.ckpt"))


# T5


@pytest.mark.parametrize("later", [False, True], ids=["1.0", "1.1"])
def test_t5_in_mesh_tensorflows_names(tmp_path, later, caplog):
    further = {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False} if later else {}
    config = formers.T5Config(**T5_SIZES, **further)
    model = made(formers.T5ForConditionalGeneration, config)
    state = arrays(model)
    if CROSS in state:
        # The original has none; the library that carried it over added it.
        model.get_parameter(CROSS).data.zero_()
        del state[CROSS]
    variables = t5_variables(state)
    if later:
        variables["decoder/logits/kernel"] = state["lm_head.weight"].T
    assert ("encoder/block_001/layer_001/DenseReluDense/wi_0/kernel" in variables) == later
    path = save(tmp_path / "model.ckpt-1000", variables)
    same(formers.load_tf_weights_in_t5(formers.T5ForConditionalGeneration(config), config, path), model)
    same(formers.T5ForConditionalGeneration.from_pretrained(f"{path}.index", config=config, from_tf=True), model)
    assert not caplog.messages


def test_a_model_with_an_init_of_its_own_has_no_random_bias_either(tmp_path):
    class Own(formers.T5ForConditionalGeneration):
        def __init__(self, config):
            super().__init__(config)

    config = formers.T5Config(**T5_SIZES)
    state = made(formers.T5ForConditionalGeneration, config).state_dict()
    del state[CROSS]
    loaded = Own.from_pretrained(None, config=config, state_dict=state)
    assert not loaded.get_parameter(CROSS).any()


# GPT


@pytest.fixture
def gpt(tmp_path):
    """The model and its folder: all parameters in one array, in ten parts."""
    model = made(formers.OpenAIGPTLMHeadModel, formers.OpenAIGPTConfig(**GPT_SIZES))
    variables = openai_variables(arrays(model.transformer))
    names = [f"model/h{layer}/{name}" for layer in range(3) for name in GPT_LAYER]
    order = ["model/positions_embed", "model/tokens_embed", *names]
    assert sorted(order) == sorted(variables)
    values = [variables[name] for name in order]
    flat = np.concatenate([value.reshape(-1) for value in values])
    for number, part in enumerate(np.array_split(flat, 10)):
        np.save(tmp_path / f"params_{number}.npy", part)
    (tmp_path / "params_shapes.json").write_text(json.dumps([list(value.shape) for value in values]))
    (tmp_path / "parameters_names.json").write_text(json.dumps(["model/we:0", *(f"{name}:0" for name in names)]))
    return model, tmp_path


def test_gpt_in_ten_parts(gpt, caplog):
    model, folder = gpt
    config = model.config
    for path in (folder, f"{folder}/model.ckpt"):
        same(formers.load_tf_weights_in_openai_gpt(formers.OpenAIGPTLMHeadModel(config), config, path), model)
    same(formers.load_tf_weights_in_openai_gpt(formers.OpenAIGPTModel(config), config, str(folder)), model.transformer)
    # OpenAI's own folder has no names.
    (folder / "parameters_names.json").unlink()
    same(formers.load_tf_weights_in_openai_gpt(formers.OpenAIGPTLMHeadModel(config), config, folder), model)
    assert not caplog.messages


def test_gpt_with_names_in_another_order(gpt):
    model, folder = gpt
    shapes = json.loads((folder / "params_shapes.json").read_text())
    names = json.loads((folder / "parameters_names.json").read_text())
    flat = np.concatenate([np.load(folder / f"params_{number}.npy") for number in range(10)])
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    pieces = np.split(flat, ends[:-1])
    for part in folder.glob("*.npy"):
        part.unlink()
    np.save(folder / "params_0.npy", np.concatenate([*pieces[:2], *reversed(pieces[2:])]))
    (folder / "params_shapes.json").write_text(json.dumps([*shapes[:2], *reversed(shapes[2:])]))
    (folder / "parameters_names.json").write_text(json.dumps([names[0], *reversed(names[1:])]))
    fresh = formers.OpenAIGPTLMHeadModel(model.config)
    same(formers.load_tf_weights_in_openai_gpt(fresh, model.config, folder), model)


def test_gpt_folders_that_are_damaged(gpt, tmp_path_factory):
    model, folder = gpt

    def load(path):
        return formers.load_tf_weights_in_openai_gpt(model, model.config, path)

    with pytest.raises(CheckpointError, match="params_shapes.json cannot be read"):
        load(tmp_path_factory.mktemp("empty"))
    names = json.loads((folder / "parameters_names.json").read_text())
    (folder / "parameters_names.json").write_text(json.dumps(names[:-1]))
    with pytest.raises(CheckpointError, match="36 parameters beside its tables, and names for 35"):
        load(folder)
    part = (folder / "params_9.npy").read_bytes()
    (folder / "params_9.npy").write_bytes(part[:40])
    with pytest.raises(CheckpointError, match="params_9.npy is not a file of numbers"):
        load(folder)
    np.save(folder / "params_9.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(CheckpointError, match="params_9.npy is not a file of numbers"):
        load(folder)
    (folder / "params_9.npy").unlink()
    with pytest.raises(CheckpointError, match="params_0.npy to params_8.npy have .* numbers, .* is a file missing"):
        load(folder)
    for file in folder.glob("*.npy"):
        file.unlink()
    with pytest.raises(CheckpointError, match="has no params_0.npy"):
        load(folder)


# The command


@pytest.mark.parametrize("family", ["gpt2", "openai-gpt"])
def test_the_command_converts_them(request, tmp_path_factory, capsys, family):
    model, path = request.getfixturevalue({"gpt2": "gpt2", "openai-gpt": "gpt"}[family])
    folder = tmp_path_factory.mktemp("converted")
    model.config.to_json_file(folder / "config.json")
    words = ["convert", "--model_type", family, "--tf_checkpoint", str(path), "--config", str(folder / "config.json")]
    assert cli.main([*words, "--pytorch_dump_output", str(folder / "pytorch_model.bin")]) == 0
    same(type(model).from_pretrained(folder), model)
    words = ["convert", "--model_type", "bart", "--tf_checkpoint", str(path), "--config", str(folder / "config.json")]
    assert cli.main([*words, "--pytorch_dump_output", str(folder / "none.bin")]) == 1
    assert "no TensorFlow checkpoints of the model type 'bart' can be read" in capsys.readouterr().err

"""Stacks of models that are refused as a whole, because of their caches, compute the recorded outputs by themselves.

They have what encoders with BERT's names lack: joined projections, weights stored as `[in, out]`, position biases,
computed positions, other norms, gates, norms before blocks, cross-attention.
"""

import dataclasses

import numpy as np
import pytest
import torch
from tests import tiny
from tests.golden_data import Recorded, assert_close

from formers.architecture import SingleStack, Task
from formers.architecture.names import NameTable
from formers.backends.onnx import OnnxModel
from formers.calling import FLAGS
from formers.checkpoint import open_checkpoint
from formers.checkpoint.given import GivenTensors
from formers.family import PublicClass

INPUTS = (
    "input_ids", "attention_mask", "token_type_ids", "position_ids", "head_mask", "inputs_embeds",
    "encoder_hidden_states", "encoder_attention_mask",
)  # fmt: skip


def alone(name, config, tensors, part=""):
    """A stack as a model: one of a pair, or a decoder without its memory."""
    family = tiny.family_of(name)
    spec = family.architecture(config)
    stack = getattr(spec, part) if part else spec.stack
    prefix = f"{part}." if part else ""
    rows = [row for row in family.names.rows if row.part.startswith(prefix)]
    table = "\n".join(f"{row.part.removeprefix(prefix)} {row.path} {row.kind}" for row in rows if row.part != part)
    public = PublicClass(name, Task((*INPUTS, *FLAGS)), ("base",))
    family = dataclasses.replace(
        family,
        architecture=lambda config: SingleStack(dataclasses.replace(stack, memory=None), spec.init),
        names=NameTable(table),
        public=(public,),
        prefix="",
    )
    if part:
        tensors = {**tensors, f"{part}.embed_tokens.weight": tensors["shared.weight"]}
    return OnnxModel(config, family, public, GivenTensors(tensors))


def recorded_stack(recorded, part=""):
    """A stack of a recorded model; see `alone`."""
    config = tiny.family_of(recorded.cls).config.from_pretrained(recorded.path)
    with open_checkpoint(recorded.path / "model.safetensors") as checkpoint:
        tensors = {name: checkpoint.tensor(name, "numpy").copy() for name in checkpoint.names()}
    return alone(recorded.cls, config, tensors, part)


def cases(recorded, without):
    """Recorded calls that neither take nor give a cache, with their arguments."""
    for case in recorded.cases:
        if case["mode"] == "eval" and not without.intersection(case["kwargs"]) and "from" not in str(case["kwargs"]):
            arguments = recorded.arguments(case, lambda array: array)
            if not arguments.pop("use_cache", False):
                yield arguments, case


@pytest.mark.parametrize("folder", ["GPT2Model", "CTRLModel"])
def test_decoders_without_memory(folder):
    recorded = Recorded(folder)
    model = recorded_stack(recorded)
    done = 0
    for arguments, case in cases(recorded, {"past"}):
        if any(getattr(value, "ndim", 2) == 3 and name == "input_ids" for name, value in arguments.items()):
            continue  # more axes than a batch has
        assert_close([model(**arguments)[0]], recorded.expected(case)[:1])
        done += 1
    assert done > 3


@pytest.mark.parametrize("folder", ["T5Model", "BartModel", "BartModel@static", "BartModel@mbart"])
def test_encoders_and_decoders_of_pairs(folder):
    recorded = Recorded(folder)
    encoder, decoder = recorded_stack(recorded, "encoder"), recorded_stack(recorded, "decoder")
    done = 0
    for arguments, case in cases(recorded, {"inputs_embeds", "decoder_inputs_embeds", "encoder_outputs", "head_mask"}):
        ids, mask = arguments["input_ids"], arguments.get("attention_mask")
        written = arguments.get("decoder_input_ids")
        if written is None or arguments.get("output_attentions") or "decoder_attention_mask" in arguments:
            continue
        own_mask = None
        if folder.startswith("Bart"):  # which masks padding by itself, but for the first token
            own_mask = (written != decoder.config.pad_token_id).astype(int)
            own_mask[:, 0] = 1
        encoded = encoder(ids, mask)[0]
        output = decoder(written, own_mask, encoder_hidden_states=encoded, encoder_attention_mask=mask)
        expected = recorded.expected(case)
        assert_close([output[0], encoded], [expected[0], expected[-1]])
        done += 1
    assert done > 1


def test_gates():
    """T5's later releases have gated blocks, which the recorded models have not: as PyTorch computes them."""
    torch_model = tiny.make("T5Model", feed_forward_proj="gated-gelu")
    tensors = {name: value.detach().numpy() for name, value in torch_model.state_dict().items()}
    model = alone("T5Model", torch_model.config, tensors, "encoder")
    assert any("gate" in name for name in model.plan.base)
    ids, mask = tiny.ids(2, 5), np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    with torch.no_grad():
        expected = torch_model.encoder(torch.from_numpy(ids).long(), attention_mask=torch.from_numpy(mask))[0]
    assert_close([model(ids, mask)[0]], [expected.numpy()])

"""Text is written alike when layers and attentions of GPT, GPT-2 and CTRL are looked at or replaced."""

import pytest
import torch
from tests import tiny
from tests.models.inside import containers, replace
from torch import nn

NAMES = ["GPT2LMHeadModel", "OpenAIGPTLMHeadModel", "CTRLLMHeadModel"]
IDS = torch.tensor([[7, 9, 11, 13], [6, 8, 10, 12]])
OPTIONS = {
    "greedy": {},
    "beams": {"num_beams": 3, "num_return_sequences": 2},
    "no cache": {"use_cache": False},
    "left padding": {"attention_mask": torch.tensor([[0, 1, 1, 1], [1, 1, 1, 1]])},
}


class Wrapper(nn.Module):
    """Calls a module with what it gets itself; it has none of its attributes."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, *args, **kwargs):
        return self.inner(*args, **kwargs)


def write(model, options):
    return model.generate(IDS, max_length=14, do_sample=False, pad_token_id=0, **options)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", OPTIONS)
@pytest.mark.parametrize("change", ["hooked", "replaced", "computed step by step"])
def test_the_same_is_written(name, way, change):
    model = tiny.make(name)
    expected = write(model, OPTIONS[way])
    inside = [(path, module) for path, module in containers(model) if ".h." in path]
    calls = []
    if change == "hooked":
        for path, module in inside:
            module.register_forward_hook(lambda *_, path=path: calls.append(path))
    elif change == "replaced":
        for path, module in reversed(inside):
            replace(model, path, Wrapper(module))
    else:
        if name.startswith("CTRL"):
            pytest.skip("its attention has no mask that could be changed")
        for path, module in inside:
            if path.endswith("attn"):
                module.merge_heads = type(module).merge_heads.__get__(module)
    assert torch.equal(write(model, OPTIONS[way]), expected)
    if change == "hooked":
        assert set(calls) == {path for path, _ in inside}


@pytest.mark.parametrize("name", ["GPT2LMHeadModel", "CTRLLMHeadModel"])
def test_a_layer_that_gives_no_keys_and_values(name):
    """Said at once, not at the next step."""
    model = tiny.make(name)

    class Forgetful(Wrapper):
        def forward(self, *args, **kwargs):
            kwargs["use_cache"] = False
            return self.inner(*args, **kwargs)

    replace(model, "transformer.h.1", Forgetful(model.transformer.h[1]))
    with pytest.raises(ValueError, match="gave no keys and values, although use_cache is True"):
        write(model, {})
    write(model, {"use_cache": False})

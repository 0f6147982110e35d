"""Products with weights stored as `[in, out]`: as PyTorch's own, in shape, values and gradients."""

import pytest
import torch

import formers
from formers import GPT2Config
from formers.backends.torch.loading import CACHE_LINE
from formers.backends.torch.ops.products import (
    MOST_ROWS_HALVED,
    MOST_ROWS_TRANSPOSED,
    MOST_SLICED_ROWS,
    SLICE,
    product_in_out,
)

IN, OUT = 12 * SLICE, 512
MOST = (MOST_SLICED_ROWS, MOST_ROWS_TRANSPOSED, MOST_ROWS_HALVED)


@pytest.mark.parametrize("rows", [0, 1, 20, *MOST, *(most + 1 for most in MOST)])
@pytest.mark.parametrize("inputs", [IN, IN + 1])
@pytest.mark.parametrize("outputs", [OUT, OUT + 1])
@pytest.mark.parametrize("contiguous", [True, False])
def test_value(rows, inputs, outputs, contiguous):
    generator = torch.Generator().manual_seed(0)
    x, bias = torch.randn(rows, inputs, generator=generator), torch.randn(outputs, generator=generator)
    weight = torch.randn(inputs, outputs, generator=generator) / inputs**0.5
    weight = weight if contiguous else weight.t().contiguous().t()
    exact = x.double() @ weight.double() + bias.double()
    with torch.inference_mode():
        y = product_in_out(x, weight, bias)
        three = product_in_out(x[:, None], weight, bias)
    torch.testing.assert_close(y.double(), exact, rtol=1e-5, atol=1e-5)
    assert y.is_contiguous() and torch.equal(three, y[:, None])


@pytest.mark.parametrize("rows", MOST)
def test_few_rows_leave_the_slow_way(monkeypatch, rows):
    monkeypatch.setattr(torch, "addmm", lambda *_: pytest.fail("took PyTorch's own way"))
    with torch.no_grad():
        product_in_out(torch.ones(rows, IN), torch.ones(IN, OUT), torch.ones(OUT))


def test_gradients():
    generator = torch.Generator().manual_seed(1)
    tensors = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in [(4, 6), (6, 3), (3,)]]
    assert torch.autograd.gradcheck(product_in_out, [tensor.requires_grad_() for tensor in tensors])


@pytest.mark.parametrize("shift", [8, 40])
def test_loaded_rows_do_not_split_cache_lines(tmp_path, shift):
    model = formers.GPT2Model(GPT2Config(vocab_size=32, n_positions=16, n_embd=64, n_layer=1, n_head=2))
    model.save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    whole = file.read_bytes()
    begin = 8 + int.from_bytes(whole[:8], "little")
    table = whole[8:begin] + b" " * (-begin % CACHE_LINE + shift)
    file.write_bytes(len(table).to_bytes(8, "little") + table + whole[begin:])
    block = formers.GPT2Model.from_pretrained(tmp_path).h[0]
    assert torch.equal(block.mlp.c_fc.weight, model.h[0].mlp.c_fc.weight)
    for layer in (block.attn.c_attn, block.attn.c_proj, block.mlp.c_fc, block.mlp.c_proj):
        assert layer.weight.data_ptr() % CACHE_LINE == 0

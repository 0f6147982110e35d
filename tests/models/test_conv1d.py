"""Products with weights stored as `[in, out]`: as PyTorch's own, in shape, values and gradients."""

import pytest
import torch

from formers.backends.torch.ops.products import FEW_SLICED_ROWS, SLICE, product_in_out

IN, OUT = 12 * SLICE, 512


@pytest.mark.parametrize("rows", [1, FEW_SLICED_ROWS[0], 7, FEW_SLICED_ROWS[-1], FEW_SLICED_ROWS[-1] + 1, 100])
@pytest.mark.parametrize("inputs", [IN, IN + 1])
@pytest.mark.parametrize("contiguous", [True, False])
def test_value(rows, inputs, contiguous):
    generator = torch.Generator().manual_seed(0)
    x, bias = torch.randn(rows, inputs, generator=generator), torch.randn(OUT, generator=generator)
    weight = torch.randn(inputs, OUT, generator=generator) / inputs**0.5
    weight = weight if contiguous else weight.t().contiguous().t()
    exact = x.double() @ weight.double() + bias.double()
    with torch.inference_mode():
        y = product_in_out(x, weight, bias)
        three = product_in_out(x[:, None], weight, bias)
    torch.testing.assert_close(y.double(), exact, rtol=1e-5, atol=1e-5)
    assert y.is_contiguous() and torch.equal(three, y[:, None])


def test_few_rows_leave_the_slow_way(monkeypatch):
    monkeypatch.setattr(torch, "addmm", lambda *_: pytest.fail("took PyTorch's own way"))
    with torch.no_grad():
        product_in_out(torch.ones(FEW_SLICED_ROWS[0], IN), torch.ones(IN, OUT), torch.ones(OUT))


def test_gradients():
    generator = torch.Generator().manual_seed(1)
    tensors = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in [(4, 6), (6, 3), (3,)]]
    assert torch.autograd.gradcheck(product_in_out, [tensor.requires_grad_() for tensor in tensors])

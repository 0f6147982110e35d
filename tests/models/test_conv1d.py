"""Products with weights stored as `[in, out]`: as PyTorch's own, in shape, values and gradients."""

import pytest
import torch

from formers.backends.torch.ops.products import MOST_ROWS_HALVED, MOST_SLICED_ROWS, SLICE, product_in_out

IN, OUT = 12 * SLICE, 512
MOST = (MOST_SLICED_ROWS, MOST_ROWS_HALVED)


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

"""Products of few rows: as PyTorch's own, in shape, values and gradients."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from formers.backends.torch.leaves import Conv1D
from formers.backends.torch.ops import linear
from formers.backends.torch.ops.products import FEW_ROWS, MANY_OUTPUTS, MOST_GROUPED_ROWS, MOST_ROWS, product

IN, OUT = 384, 512
SHAPES = [
    (IN,), (1, 1, IN), (2, 1, IN), (3, IN), (4, 1, IN), (1, 5, IN), (2, 3, IN), (11, IN), (8, 4, IN), (200, IN),
    (256, IN), (300, IN),
]  # fmt: skip


@pytest.fixture
def weight() -> torch.Tensor:
    return torch.randn(OUT, IN, generator=torch.Generator().manual_seed(0)) / IN**0.5


@pytest.fixture
def bias() -> torch.Tensor:
    return torch.randn(OUT, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("with_bias", [True, False])
def test_value(shape: tuple[int, ...], with_bias: bool, weight: torch.Tensor, bias: torch.Tensor) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(2))
    added = bias if with_bias else None
    exact = F.linear(x.double(), weight.double(), None if added is None else added.double())
    with torch.inference_mode():
        y = product(x, weight, added)
    assert y.shape == exact.shape and y.dtype == torch.float32 and y.is_contiguous()
    torch.testing.assert_close(y.double(), exact, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("rows", [1, FEW_ROWS[0], FEW_ROWS[-1] + 1, MOST_ROWS, MOST_GROUPED_ROWS])
def test_few_rows_leave_the_slow_way(
    rows: int, weight: torch.Tensor, bias: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(F, "linear", lambda *_: pytest.fail("took PyTorch's own way"))
    with torch.no_grad():
        product(torch.ones(rows, IN), weight, bias)


@pytest.mark.parametrize("rows", [1, 4, 11, 16, 100, 150, 224, 230, 256])
@pytest.mark.parametrize("outputs", [256, 2 * IN, MANY_OUTPUTS])
def test_every_way_gives_the_product(rows: int, outputs: int) -> None:
    generator = torch.Generator().manual_seed(4)
    x, wide = torch.randn(rows, IN, generator=generator), torch.randn(outputs, IN, generator=generator) / IN**0.5
    with torch.no_grad():
        torch.testing.assert_close(product(x, wide).double(), x.double() @ wide.double().t(), rtol=1e-5, atol=1e-5)


def test_no_rows(weight: torch.Tensor, bias: torch.Tensor) -> None:
    with torch.no_grad():
        assert product(torch.ones(2, 0, IN), weight, bias).shape == (2, 0, OUT)


def test_strided_rows(weight: torch.Tensor, bias: torch.Tensor) -> None:
    x = torch.randn(7, IN, 2, generator=torch.Generator().manual_seed(3))[..., 0]
    for rows in (1, 3, 7):
        with torch.no_grad():
            torch.testing.assert_close(product(x[:rows], weight, bias), F.linear(x[:rows], weight, bias))


@pytest.mark.parametrize("rows", [1, 4, 11])
@pytest.mark.parametrize("frozen", [True, False])
def test_gradients(rows: int, frozen: bool) -> None:
    """Of weights and of inputs, also where only one of them asks for some."""
    torch.manual_seed(0)
    layer = nn.Linear(IN, OUT).requires_grad_(not frozen)
    x = torch.randn(rows, IN, requires_grad=frozen)
    wanted = [x] if frozen else [layer.weight, layer.bias]
    ours = torch.autograd.grad(linear(layer, x).square().sum(), wanted)
    for found, expected in zip(ours, torch.autograd.grad(layer(x).square().sum(), wanted), strict=True):
        torch.testing.assert_close(found, expected)


def test_other_types(weight: torch.Tensor, bias: torch.Tensor) -> None:
    x = torch.randn(4, IN)
    with torch.no_grad():
        assert product(x.double(), weight.double(), bias.double()).dtype == torch.float64
        assert product(x.bfloat16(), weight.bfloat16(), bias.bfloat16()).dtype == torch.bfloat16
        with torch.autocast("cpu", torch.bfloat16):
            assert product(x, weight, bias).dtype == torch.bfloat16
        with pytest.raises(RuntimeError, match="dtype"):
            product(x.double(), weight, bias)


def test_wrong_size(weight: torch.Tensor) -> None:
    for rows in (1, 4, 11):
        with torch.no_grad(), pytest.raises(RuntimeError):
            product(torch.ones(rows, IN + 1), weight)


@pytest.mark.parametrize("rows", [1, 4])
def test_traced_for_any_number_of_rows(rows: int) -> None:
    layer = nn.Linear(IN, OUT).eval().requires_grad_(False)
    traced = torch.jit.trace(lambda x: linear(layer, x), torch.randn(rows, IN))
    x = torch.randn(300, IN)
    torch.testing.assert_close(traced(x), layer(x))


@torch.no_grad()
def test_a_layer_that_somebody_looks_at_is_called() -> None:
    layer, seen = nn.Linear(IN, OUT), []
    x = torch.randn(1, IN)
    handle = layer.register_forward_hook(lambda *call: seen.append(call))
    linear(layer, x)
    assert len(seen) == 1
    handle.remove()
    linear(layer, x)
    assert len(seen) == 1
    layer.forward = lambda x: x + 1
    assert torch.equal(linear(layer, x), x + 1)


class Doubled(nn.Linear):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(x)


@torch.no_grad()
def test_a_layer_of_another_class_is_called() -> None:
    layer, x = Doubled(IN, OUT), torch.randn(1, IN)
    assert torch.equal(linear(layer, x), layer(x))


@torch.no_grad()
@pytest.mark.parametrize("rows", [1, 4, 300])
def test_weights_that_are_stored_as_in_out(rows: int) -> None:
    layer, x = Conv1D(OUT, IN), torch.randn(2, rows, IN)
    torch.testing.assert_close(linear(layer, x), x @ layer.weight + layer.bias, rtol=1e-5, atol=1e-5)

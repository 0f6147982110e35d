"""A GPT-2 that starts out close to a Llama: what of the teacher's weights has a place in it is put there.

The student is a little wider than the teacher. Its further dimensions carry the positions: cosine and sine at the
teacher's rates. What has no place is approximated:

* The teacher turns queries and keys by their positions. The student cannot, but its queries and keys may depend on the
  position: their means turn just as the teacher's do; the rest of them does not turn, and what the teacher turns
  quickly is made smaller, as turning does on average.
* The teacher's feed-forward blocks are gated: `silu(a) * b`. The student's compute `gelu(a + b)` and `gelu(a - b)`,
  whose difference is much like it, for the gates that matter most.

The matrices behind attentions and feed-forward blocks are then the best ones for a sample of texts (least squares), one
after the other: each leads from the student's states, as they are by then, to the teacher's.
"""
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from formers import GPT2LMHeadModel
from formers.backends.torch.leaves import Conv1D
from formers.families.gpt2.torch_modules import Attention
from recipes.storyteller import StoryTeller, feed_forward, rms_norm

AMPLITUDE = 0.1  # of positions in the student's states; the teacher's embeddings have a length of 0.4
DISTANCE = 50.0  # over how many positions an average is taken
RIDGE = 1e-3


@torch.no_grad()
def transplant(teacher: StoryTeller, model: GPT2LMHeadModel, texts: Tensor) -> None:
    """Fill a newly initialised student.

    Args:
        teacher: the teacher, with the student's pieces.
        model: the student: of as many layers and heads, and wider by an even number.
        texts: a sample of texts. *Shape:* `[batch, seq]`.
    """
    student = model.transformer
    width = teacher.table.shape[1]
    rates = position_rates(teacher, model.config.n_embd - width)
    student.wte.weight.zero_()[:, :width] = teacher.table
    angles = torch.arange(model.config.n_positions)[:, None] * rates
    turns = torch.stack((angles.cos(), angles.sin()), -1).flatten(1)
    student.wpe.weight.zero_()[:, width:] = AMPLITUDE * turns
    rotations = teacher.rotations(0, texts.shape[1])
    wanted, state = teacher.table[texts], student.wte(texts) + student.wpe.weight[: texts.shape[1]]
    for layer, target in zip(teacher.layers, student.h, strict=True):
        set_norm(target.ln_1, layer["attention_norm"], wanted)
        transplant_queries(teacher, layer, target.attn, rms_norm(wanted, layer["attention_norm"]), rates)
        wanted = teacher.attend(layer, wanted, rotations)
        state = state + fit(target.attn, target.attn.c_proj, target.ln_1(state), wanted, state)
        set_norm(target.ln_2, layer["feed_forward_norm"], wanted)
        inputs = rms_norm(wanted, layer["feed_forward_norm"])
        transplant_gates(layer, target.mlp.c_fc, inputs)
        wanted = wanted + feed_forward(layer, inputs)
        inputs = target.ln_2(state)
        state = state + fit(target.mlp, target.mlp.c_proj, inputs, wanted, state)
    set_norm(student.ln_f, teacher.norm, wanted)
    student.ln_f.weight[width:] = 0


def fit(block: nn.Module, last: Conv1D, inputs: Tensor, wanted: Tensor, state: Tensor) -> Tensor:
    """Give a block the last matrix that leads best from the student's states to the teacher's.

    Args:
        block: an attention or a feed-forward block.
        last: its last matrix.
        inputs: its inputs. *Shape:* `[batch, seq, student's width]`.
        wanted: the teacher's states after it. *Shape:* `[batch, seq, teacher's width]`.
        state: the student's states before it. *Shape:* `[batch, seq, student's width]`.

    Returns:
        What the block now adds to the states. *Shape:* `[batch, seq, student's width]`.
    """
    seen: list[Tensor] = []
    hook = last.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    for part in inputs.split(16):
        block(part)
    hook.remove()
    inner = torch.cat(seen).flatten(0, 1)
    width = wanted.shape[-1]
    change = (wanted - state[..., :width]).flatten(0, 1)
    inner = F.pad(inner, (0, 1), value=1.0)
    products = inner.T @ inner
    products += RIDGE * products.diagonal().mean() * torch.eye(len(products))
    best = torch.linalg.solve(products, inner.T @ change)
    last.weight.zero_()[:, :width] = best[:-1]
    last.bias.zero_()[:width] = best[-1]
    return last(torch.cat(seen))


def position_rates(teacher: StoryTeller, dimensions: int) -> Tensor:
    """The angles by which a step turns the positions' pairs of dimensions, in radians."""
    return 10000.0 ** (-2 * torch.arange(dimensions // 2) / teacher.head_size)


def set_norm(norm: nn.LayerNorm, weight: Tensor, state: Tensor) -> None:
    """Make a norm give what the teacher's gives, and the positions with an amplitude of one.

    The norm's std is of tokens and positions together: set right for states of the mean length.
    """
    width = len(weight)
    further = len(norm.weight) - width
    length = state.norm(dim=-1).mean()
    std = ((length.square() + AMPLITUDE**2 * further / 2) / len(norm.weight)).sqrt()
    norm.weight[:width] = weight * std * math.sqrt(width) / length
    norm.weight[width:] = std / AMPLITUDE
    norm.bias.zero_()


def transplant_queries(
    teacher: StoryTeller, layer: dict[str, Tensor], attention: Attention, inputs: Tensor, rates: Tensor
) -> None:
    """Fill an attention's queries, keys and values; see the module.

    Args:
        teacher: the teacher.
        layer: its layer.
        attention: the student's attention.
        inputs: normalised states of the teacher. *Shape:* `[batch, seq, teacher's width]`.
        rates: of the positions.
    """
    heads, size, width = teacher.heads, teacher.head_size, inputs.shape[-1]
    joined = attention.c_attn
    wider = len(joined.weight) // heads
    # A view of [in, 3 * heads * wider], in the order of the teacher's matrices: outputs first.
    weights = joined.weight.T.unflatten(0, (3, heads, wider))
    biases = joined.bias.view(3, heads, wider)
    weights[:, :, :size] = 0
    biases.zero_()
    damping = (torch.sinc(rates * DISTANCE / math.pi)).clamp(min=0)
    quick = len(rates)
    # The student divides by the root of its own, greater head size.
    scale = (wider / size) ** 0.25
    for part, name in enumerate(("query", "key")):
        pairs = scale * layer[name].view(heads, size // 2, 2, width)
        means = pairs @ inputs.mean((0, 1))
        pairs[:, :quick] *= damping[:, None, None]
        weights[part, :, :size, :width] = pairs.flatten(1, 2)
        biases[part, :, : 2 * quick] = -(damping[:, None] * means[:, :quick]).flatten(1)
        for pair in range(quick):
            even, odd = means[:, pair].unbind(-1)
            turned = weights[part, :, 2 * pair : 2 * pair + 2, width + 2 * pair : width + 2 * pair + 2]
            turned[:, 0, 0], turned[:, 0, 1] = even, -odd
            turned[:, 1, 0], turned[:, 1, 1] = odd, even
    weights[2, :, :size, :width] = layer["value"].view(heads, size, width)


def transplant_gates(layer: dict[str, Tensor], up: Conv1D, inputs: Tensor) -> None:
    """Fill the first matrix of a feed-forward block; see the module.

    Args:
        layer: the teacher's layer.
        up: the matrix.
        inputs: normalised states of the teacher. *Shape:* `[batch, seq, teacher's width]`.
    """
    inner = F.silu(inputs @ layer["w1"].T) * (inputs @ layer["w3"].T)
    weight = inner.flatten(0, 1).var(0) * layer["w2"].square().sum(0)
    chosen = weight.argsort(descending=True)[: len(up.bias) // 2]
    gates, let_through = layer["w1"][chosen], layer["w3"][chosen]
    up.bias.zero_()
    up.weight.zero_()[: inputs.shape[-1]] = torch.cat((gates + let_through, gates - let_through)).T

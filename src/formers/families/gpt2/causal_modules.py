"""The layers of GPT and GPT-2 as PyTorch modules: their attention has the triangle of its causal mask as a buffer.

Nothing reads the buffer as long as it holds what the library put there: PyTorch's fused product masks without one.
Where someone lifts or changes the mask, or overrides a step of the attention in a subclass, the attention is computed
step by step, by the buffer and the documented methods.
"""
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar

import torch
from torch import Tensor

from formers.architecture import SingleStack, Sublayer
from formers.backends.torch.containers import LayerContainer, Steps, Update
from formers.backends.torch.presents import padding_bias
from formers.backends.torch.pruning import prune_attention
from formers.network.call import LayerCall
from formers.network.layer import Computed, Step
from formers.network.weights import layer_weights, sublayer_weights

from .architecture import MASKED_POSITION, attention_alone, feed_forward_alone, layer_alone

METHODS = ("_attn", "split_heads", "merge_heads")


@lru_cache(maxsize=8)
def _triangle(size: int, dtype: torch.dtype) -> Tensor:
    """Return 1 where a query may attend. *Shape:* `[1, 1, size, size]`; nobody else gets this tensor itself."""
    with torch.inference_mode(False):
        return torch.ones(size, size, dtype=dtype, device="cpu").tril_()[None, None]


class CausalAttention(Steps):
    """An attention that masks later positions by a buffer of its own, up to its last dropout."""

    first_step, last_step = Step.MIX, Step.DROPOUT
    mask_type: ClassVar[torch.dtype]
    documented_methods: ClassVar[dict[str, Any]] = {}
    has_documented_methods: ClassVar[bool] = True
    split_size: int
    bias: Tensor
    _mask_seen: Any = None
    _scale_set: bool = False

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        methods = {name: getattr(cls, name) for name in METHODS}
        if cls.__module__.startswith("formers."):
            cls.documented_methods = methods
        cls.has_documented_methods = methods == cls.documented_methods

    @classmethod
    def entered(cls, module: Any, training: bool | None = None) -> Any:
        """See `Steps.entered`."""
        found = super().entered(module, training)
        if found is None and isinstance(module, CausalAttention) and not module.is_as_made():
            return cls.entrance(cls, module)
        return found

    def build_alone(self, whole: SingleStack, nx: int, n_ctx: int, config: Any, scale: bool) -> None:
        """Make the attention by itself; see the arguments of the documented classes."""
        sublayer = attention_alone(whole, nx, config.n_head, scale)
        self.build(sublayer, sublayer_weights(sublayer, nx, whole.init), {"": sublayer}, config)
        self.make_mask(n_ctx)

    def settled(self) -> None:
        """See `Container.settled`."""
        block: Any = self.spec.block
        self.n_head, self.split_size = block.heads, block.heads * block.head_size
        self.pruned_heads = set(block.pruned)
        if "bias" not in self._buffers:
            self.make_mask(self.config.n_ctx)

    @property
    def scale(self) -> bool:
        """Whether the products of queries and keys are divided by the root of the size of a head."""
        return self.spec.block.scale != 1.0  # type: ignore[union-attr]

    @scale.setter
    def scale(self, value: bool) -> None:
        block: Any = self.spec.block
        factor = 1 / math.sqrt(block.head_size) if value else 1.0
        self.spec = replace(self.spec, block=replace(block, scale=factor))
        self._scale_set = True

    def is_as_made(self) -> bool:
        """Tell whether the attention does what its place in a model says, by no other mask and method."""
        return not self._scale_set and self._has_documented_steps()

    @torch.compiler.assume_constant_result  # a compiled model has the mask that there was when it was compiled
    def _has_documented_steps(self) -> bool:
        return self.has_documented_methods and self._has_documented_mask() and self.__dict__.keys().isdisjoint(METHODS)

    # --- the mask -----------------------------------------------------------------------------------------------------

    def make_mask(self, size: int) -> None:
        """Register the mask for `size` positions, on the CPU and with its values wherever the parameters are."""
        with torch.inference_mode(False):
            for name, value in self.mask_buffers(size).items():
                self.register_buffer(name, value)
        self._note_mask(True)

    def mask_buffers(self, size: int) -> dict[str, Tensor]:
        """Return the documented buffers of a mask for `size` positions."""
        return {"bias": _triangle(size, self.mask_type).clone()}

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in self.__dict__.get("_buffers", ()):
            self._mask_seen = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "_mask_seen"}

    def _note_mask(self, as_made: bool) -> None:
        tensors = [tensor for tensor in self._buffers.values() if tensor is not None]
        self._mask_seen = as_made, [(tensor, _version(tensor)) for tensor in tensors]

    def _has_documented_mask(self) -> bool:
        """Tell whether the buffers hold what the library put there; they are looked at again when they changed."""
        seen = self._mask_seen
        if seen is not None:
            now: Any
            for (tensor, version), now in zip(seen[1], self._buffers.values(), strict=False):
                if tensor is not now or version is None or now._version != version:
                    break
            else:
                return seen[0]
        if not all(tensor is None or _has_values(tensor) for tensor in self._buffers.values()):
            # Stand-ins of the buffers while the model is exported or vectorised: what is known of the buffers holds.
            return seen is not None and seen[0] and all(tensor._version == version for tensor, version in seen[1])
        with _untraced():
            self._note_mask(self._mask_as_made())
        return self._mask_seen[0]

    def _mask_as_made(self) -> bool:
        bias = self._buffers.get("bias")
        if bias is None or bias.dim() != 4:
            return False
        wanted = self.mask_buffers(bias.shape[-1])
        return wanted.keys() == self._buffers.keys() and all(
            now is not None
            and now.shape == wanted[name].shape
            and (now.is_meta or torch.equal(now.cpu(), wanted[name].to(now.dtype)))
            for name, now in self._buffers.items()
        )

    def visible(self, queries: int, keys: int) -> Tensor:
        """Return the part of the mask for the last `queries` of `keys` positions. *Shape:* `[1, 1, query, key]`."""
        return self.bias[:, :, keys - queries : keys, :keys]

    def mask_scores(self, scores: Tensor) -> Tensor:
        """Mask later positions by the buffer. *Shape:* `[batch, heads, query, key]`."""
        raise NotImplementedError

    def check_length(self, queries: int, call: LayerCall) -> None:
        """Raise if there are more positions than the mask has.

        Raises:
            ValueError: naming both lengths.
        """
        cache, bias = call.cache("attention"), self._buffers.get("bias")
        keys = queries + (0 if cache is None else cache.length)
        if bias is not None and not torch.jit.is_tracing() and keys > bias.shape[-1]:
            raise ValueError(
                f"the attention gets {keys} positions, but its mask has {bias.shape[-1]} (n_ctx of the configuration)"
            )

    # --- computing ----------------------------------------------------------------------------------------------------

    def compute(self, x: Any, y: Any, call: LayerCall, spec: Sublayer | None = None) -> Computed:
        """Compute the attention; see `Steps.compute`."""
        self.check_length(y.shape[1], call)
        if self._has_documented_steps():
            return super().compute(x, y, call, spec)
        cache = call.cache("attention")
        parts = self.parts
        query, key, value = parts("qkv")(y).split(self.split_size, dim=2)
        query, key, value = self.split_heads(query), self.split_heads(key, k=True), self.split_heads(value)
        if cache is not None:
            key, value = cache.append(key.transpose(-1, -2), value)
            key = key.transpose(-1, -2)
        mask = padding_bias(call, y, MASKED_POSITION, "an attention")
        found = self._attn(query, key, value, mask, call.head_mask, call.want_weights)
        y = parts("output")(self.merge_heads(found[0]))
        return x, parts("residual_dropout")(y), found[1] if call.want_weights else None

    def _attn(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> list[Tensor]:
        """Attend.

        Args:
            q, v: *Shape:* `[batch, heads, seq, head_size]`.
            k: *Shape:* `[batch, heads, head_size, seq]`.
            attention_mask: added to the scores. *Shape:* broadcasts to `[batch, heads, query, key]`.
            head_mask: factor on the weights. *Shape:* likewise.
            output_attentions: return the weights as well.
        """
        block: Any = self.spec.block
        scores = self.mask_scores(torch.matmul(q, k) * block.scale)
        if attention_mask is not None:
            scores = scores + attention_mask
        weights = self.parts("dropout")(scores.softmax(-1))
        if head_mask is not None:
            weights = weights * head_mask
        context = torch.matmul(weights, v)
        return [context, weights] if output_attentions else [context]

    def split_heads(self, x: Tensor, k: bool = False) -> Tensor:
        """Split heads. *Shape:* `[batch, seq, heads * size]` to `[batch, heads, seq, size]`; keys (`k`) transposed."""
        heads = x.unflatten(-1, (self.n_head, -1)).transpose(1, 2)
        return heads.transpose(-1, -2) if k else heads

    def merge_heads(self, x: Tensor) -> Tensor:
        """Put heads side by side. *Shape:* `[batch, heads, seq, size]` to `[batch, seq, heads * size]`."""
        return x.transpose(1, 2).flatten(2)

    def prune_heads(self, heads: Iterable[int]) -> None:
        """Remove heads, by their indices in the full attention."""
        prune_attention(self, set(heads))


class CausalLayer(LayerContainer):
    """A layer around a `CausalAttention`."""

    attn: CausalAttention

    def build_alone(self, whole: SingleStack, n_ctx: int, config: Any, scale: bool) -> None:
        """Make the layer by itself; see the arguments of the documented classes."""
        layer = layer_alone(whole, scale)
        specs = {sublayer.name: sublayer for sublayer in layer.sublayers}
        self.build(layer, layer_weights(layer, whole.stack.hidden, whole.init), specs, config)
        self.attn.make_mask(n_ctx)

    def checked(self, x: Tensor, call: LayerCall) -> tuple[Tensor, LayerCall]:
        """Return arguments of `compute` that the mask of the attention has positions for."""
        if isinstance(self.attn, CausalAttention):
            self.attn.check_length(x.shape[1], call)
        return x, call


class CausalFeedForward(Update):
    """The feed-forward block of such a layer up to its dropout."""

    first_step, last_step = Step.MIX, Step.DROPOUT

    def build_alone(self, whole: SingleStack, n_state: int, config: Any) -> None:
        """Make the block by itself; see the arguments of the documented classes."""
        sublayer = feed_forward_alone(whole, n_state)
        self.build(sublayer, sublayer_weights(sublayer, whole.stack.hidden, whole.init), {"": sublayer}, config)

    def read(self, x: Tensor) -> Any:
        """See `Container.read`."""
        return super().read(x)


@contextmanager
def _untraced() -> Iterator[None]:
    """Record nothing in a trace while inside."""
    state = torch._C._get_tracing_state()
    torch._C._set_tracing_state(None)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch._C._set_tracing_state(state)  # type: ignore[attr-defined]


def _version(tensor: Tensor) -> int | None:
    """Return the number of changes in place; None where nobody counts them."""
    return None if tensor.is_inference() else tensor._version


def _has_values(tensor: Tensor) -> bool:
    """Tell whether Python may look at the values of a tensor here and now."""
    return (
        type(tensor) is Tensor
        and torch._C._functorch.peek_interpreter_stack() is None
        and torch._C._len_torch_dispatch_stack() == 0
    )

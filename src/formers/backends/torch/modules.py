"""What every documented module with a configuration can say about itself."""
from typing import Any

import torch
from torch import Tensor, nn

from formers.network.masks import mask_bias

from . import ops
from .memory import add_memory_hooks, reset_memory
from .storage.fixed import FixedWeight

DUMMY_INPUTS = [[7, 6, 0, 0, 1], [1, 2, 3, 0, 0], [0, 0, 0, 4, 5]]
DUMMY_MASK = [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1]]


class ModuleUtilsMixin:
    """Device, type, masks: stands before `nn.Module` in the bases of models."""

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return _any_tensor(self).device

    @property
    def dtype(self) -> torch.dtype:
        """Type of the floating-point parameters."""
        return _any_tensor(self).dtype

    def num_parameters(self: Any, only_trainable: bool = False) -> int:
        """Return the number of parameters, tied ones once; with `only_trainable`, of those that learn."""
        counted = sum(p.numel() for p in self.parameters() if p.requires_grad or not only_trainable)
        fixed = sum(m.out_features * m.in_features for m in self.modules() if isinstance(m, FixedWeight))
        return counted if only_trainable else counted + fixed

    def add_memory_hooks(self: Any) -> None:
        """Let every module note how much memory the process gains while it computes, in bytes.

        Each module then has `mem_rss_diff`, the sum over its calls, and `mem_rss_pre_forward` and
        `mem_rss_post_forward`, the memory before and after the last one.
        """
        add_memory_hooks(self)

    def reset_memory_hooks_state(self: Any) -> None:
        """Set what the modules noted of memory to zero."""
        reset_memory(self)

    @property
    def dummy_inputs(self) -> dict[str, Tensor]:
        """A small input that the model can be called with."""
        return {"input_ids": torch.tensor(DUMMY_INPUTS)}

    def invert_attention_mask(self, encoder_attention_mask: Tensor) -> Tensor:
        """Return what is added to the scores of a cross-attention for a mask of ones and zeros.

        Args:
            encoder_attention_mask: *Shape:* `[batch, key]` or `[batch, query, key]`.

        Returns:
            0 for 1, and -1e9 for 0 (-1e4 in float16). *Shape:* `[batch, 1, 1 or query, key]`.

        Raises:
            ValueError: the mask has another shape.
        """
        mask = encoder_attention_mask
        if mask.dim() not in (2, 3):
            raise ValueError(f"the mask has shape {tuple(mask.shape)}; expected [batch, key] or [batch, query, key]")
        visible = mask[:, None, :, :] if mask.dim() == 3 else mask[:, None, None, :]
        return (1.0 - visible.to(self.dtype)) * (-1e4 if self.dtype == torch.float16 else -1e9)

    def get_extended_attention_mask(
        self: Any, attention_mask: Tensor, input_shape: Any = None, device: Any = None
    ) -> Tensor:
        """Return what is added to attention scores for a mask of ones and zeros, causal if the model is a decoder.

        Args:
            attention_mask: *Shape:* `[batch, key]` or `[batch, query, key]`, which says all.
            input_shape: shape of the ids, for decoders.
            device: without effect.

        Returns:
            *Shape:* `[batch, 1, 1 or query, key]`.

        Raises:
            ValueError: the mask has another shape.
        """
        if attention_mask.dim() not in (2, 3):
            raise ValueError(
                f"attention_mask has shape {tuple(attention_mask.shape)}; expected [batch, seq] or [batch, query, key]"
            )
        if attention_mask.dim() == 2 and getattr(self.config, "is_decoder", False):
            length = attention_mask.shape[1] if input_shape is None else input_shape[1]
            causal = torch.ones(length, length, device=attention_mask.device, dtype=attention_mask.dtype).tril()
            attention_mask = attention_mask[:, None, :] * causal
        visible = attention_mask[:, None, :, :] if attention_mask.dim() == 3 else attention_mask[:, None, None, :]
        attention = _attention(self)
        if attention is None:
            return (1.0 - visible.to(self.dtype)) * -10000.0
        return mask_bias(ops, attention, attention_mask, torch.empty(0, dtype=self.dtype))

    def get_head_mask(
        self, head_mask: Tensor | None, num_hidden_layers: int, is_attention_chunked: bool = False
    ) -> Any:
        """Return one head mask a layer. *Shape:* `[1, heads, 1, 1]` each, or None."""
        if head_mask is None:
            return [None] * num_hidden_layers
        stacked = self._convert_head_mask_to_5d(head_mask, num_hidden_layers)
        return stacked[..., None] if is_attention_chunked else stacked

    def _convert_head_mask_to_5d(self, head_mask: Tensor, num_hidden_layers: int) -> Tensor:
        masks = ops.head_masks(head_mask, num_hidden_layers, torch.empty(0, dtype=self.dtype))
        return torch.stack(list(masks))  # type: ignore[arg-type]


class TakesNewEmbeddings:
    """A model whose documented `set_input_embeddings` has an argument called `new_embeddings`."""

    def set_input_embeddings(self, new_embeddings: nn.Module) -> None:
        """Replace the token embeddings."""
        super().set_input_embeddings(new_embeddings)  # type: ignore[misc]  # of the model that it stands before


def _any_tensor(module: Any) -> Tensor:
    """Return a floating-point parameter; of a copy for one device (DataParallel), which has none, a tensor."""
    for parameter in module.parameters():
        if parameter.is_floating_point():
            return parameter
    for inner in module.modules():
        for value in inner.__dict__.values():
            if isinstance(value, Tensor) and value.is_floating_point():
                return value
    raise ValueError(f"{type(module).__name__} has no parameters, and so no device and no type")


def _attention(model: Any) -> Any:
    spec = getattr(getattr(model, "base_model", model), "spec", None)
    stack = getattr(spec, "decoding", None)
    blocks = [layer.self_attention for layer in stack.layers] if stack is not None else []
    return blocks[0] if blocks else None


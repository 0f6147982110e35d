"""`PreTrainedModel`: what every PyTorch model class of the library is."""
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from formers.architecture import (
    Architecture,
    ByWidth,
    CacheFormat,
    Head,
    Reads,
    Stack,
    Task,
    Vocabulary,
    WordTable,
)
from formers.calling import FLAGS
from formers.checkpoint import KerasLayout
from formers.checkpoint.names import NameTable
from formers.configuration import PretrainedConfig
from formers.outputs import ModelOutput

from . import loading, saving
from .caches import Cache, read_cache, write_cache
from .calling import check_decoder, documented_forward, flatten_choices
from .construction import deferred, is_deferred, without_memory
from .deviations import set_deviations
from .embeddings import SinusoidTable
from .fixed import FixedTable, FixedWeight
from .generating import GenerationMixin
from .heads import Group, Pooler, build_head, run_head
from .hub_names import register_name_hooks
from .losses import head_loss
from .masks import head_masks, padding_mask
from .norms import Affine, RootMeanSquareNorm
from .pruning import Conv1D
from .resizing import resize_vocabulary
from .stack import StackBlocks

logger = logging.getLogger(__name__)


class PreTrainedModel(GenerationMixin, StackBlocks):
    """Base of all PyTorch models: builds itself from the family's architecture, loads, saves, resizes and prunes.

    A family sets the class attributes; a public class adds its `task`. A class of one's own may subclass a family's
    base, create its modules in `__init__` and write its `forward`; it loads and saves like the others.

    Args:
        config: the model's configuration.
    """

    config_class: ClassVar[type[PretrainedConfig] | None] = None
    base_model_prefix: ClassVar[str] = ""
    architecture: ClassVar[Any]
    names: ClassVar[NameTable] = NameTable("")
    keras_layout: ClassVar[KerasLayout] = KerasLayout()
    nested_base: ClassVar[bool] = True  # whether a model with heads carries its base model as a part (T5 does not)
    load_tf_weights: ClassVar[Callable[..., nn.Module] | None] = None
    base_class: ClassVar["type[PreTrainedModel]"]
    task: ClassVar[Task | None] = None

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        task = cls.__dict__.get("task")
        if task is None:
            return
        if task.heads is None:
            family: Any = next(parent for parent in cls.__mro__ if "architecture" in parent.__dict__)
            family.base_class = cls
        if "forward" not in cls.__dict__:
            cls.forward = documented_forward(cls, task)

    def __init__(self, config: PretrainedConfig, *inputs: Any, **kwargs: Any):
        super().__init__()
        if not isinstance(config, PretrainedConfig):
            raise ValueError(
                f"{type(self).__name__} takes a configuration, found {type(config).__name__}; "
                f"to load a checkpoint use {type(self).__name__}.from_pretrained(name)"
            )
        if inputs or kwargs:
            extra = [*map(repr, inputs), *kwargs]
            raise TypeError(f"{type(self).__name__} takes a configuration alone, found also {', '.join(extra)}")
        self.config = config
        register_name_hooks(self)
        if self.task is not None:
            check_decoder(self, self.task, config)
            with without_memory():
                self._build(self.task)
            if not is_deferred():
                self.to_empty(device=torch.get_default_device())
                self.init_weights()

    @property
    def is_base(self) -> bool:
        """Whether this is a family's base model, whose parameters have no prefix."""
        return self.task is not None and self.task.heads is None

    @property
    def holds_base(self) -> bool:
        """Whether the base model's blocks are this model's own."""
        return self.is_base or (self.task is not None and not self.nested_base)

    def _build(self, task: Task) -> None:
        architecture: Architecture = type(self).architecture(self.config)
        if self.holds_base:
            self._build_base(architecture)
        else:
            with deferred():
                setattr(self, self.base_model_prefix, self.base_class(self.config))
        if task.heads is None:
            return
        self.heads = task.heads(self.config)
        stack = self._head_stack(architecture)
        for head in self.heads:
            build_head(self, head, stack.hidden, stack.embeddings.vocabulary)

    def _build_base(self, architecture: Any) -> None:
        self.build_stack(architecture.stack)
        if isinstance(architecture.init, ByWidth):
            set_deviations(self, architecture.init)
        if architecture.pooler is not None:
            self.pooler = Pooler(architecture.stack.hidden, architecture.pooler.activation)

    def _head_stack(self, architecture: Any) -> Stack:
        """The stack whose output heads read."""
        return architecture.stack

    # --- calling ------------------------------------------------------------------------------------------------------

    def _run_base(self, inputs: dict[str, Any], first_token_only: bool = False) -> ModelOutput:
        cache, form = self._open_cache(inputs)
        hidden, states, attentions = self.run_stack(**inputs, cache=cache, first_token_only=first_token_only)
        pooled = self.pooler(hidden) if hasattr(self, "pooler") else None
        past = None if cache is None or form is None else write_cache(form, cache)
        return ModelOutput(
            last_hidden_state=hidden,
            pooler_output=pooled,
            past_key_values=past,
            hidden_states=states,
            attentions=attentions,
        )

    def _open_cache(self, inputs: dict[str, Any]) -> tuple[Cache | None, CacheFormat | None]:
        """Take what concerns the cache from the arguments of a call.

        Returns:
            The cache to use, and the form in which the caller gets it back, or None.
        """
        cache = inputs.pop("cache", None)
        past = inputs.pop(self.task.cache, None) if self.task is not None and self.task.cache is not None else None
        use_cache = inputs.pop("use_cache", None)
        if cache is not None:
            return cache, None
        form = self._cache_form()
        if past is not None:
            cache = read_cache(form, past, self._cache_layers())
        elif use_cache and form is not None:
            cache = Cache(self._cache_layers())
        return cache, form if use_cache else None

    def _cache_form(self) -> CacheFormat | None:
        return self.stack.cache

    def _cache_layers(self) -> int:
        return len(self.layers)

    def _run_heads(self, inputs: dict[str, Any]) -> ModelOutput:
        names = {name for head in self.heads for name in head.labels}
        labels = {name: inputs.pop(name) for name in names}
        last = inputs.pop("last_only", 0)  # number of the last positions that heads read; 0 for all
        of_base = {*self.base_class.task.inputs, "cache"}  # type: ignore[union-attr]
        reads = {name: inputs.pop(name) for name in [*inputs] if name not in of_base}
        choices = flatten_choices(inputs) if any(head.per_choice for head in self.heads) else None
        reads["input_ids"] = inputs.get("input_ids")
        mask = inputs.get("attention_mask")
        if not self.nested_base:
            base = self._run_base(inputs)
        elif "cache" in inputs:  # a step of generation
            base = self.base_model._run_base(inputs)
        else:
            base = self.base_model(**inputs, **self._first_token_only(inputs))
        hidden = base.last_hidden_state[:, -last:]
        outputs: dict[str, Any] = dict.fromkeys(head.loss_name for head in self.heads)
        losses: dict[str, list[Tensor | None]] = {}
        for head in self.heads:
            values = self._head_outputs(head, hidden, base, reads, choices)
            outputs |= dict(zip(head.outputs, values, strict=True))
            losses.setdefault(head.loss_name, []).append(head_loss(head, values, labels, mask))
        for name, parts in losses.items():
            given = [loss for loss in parts if loss is not None]
            if len(given) == len(parts):
                outputs[name] = sum(given[1:], given[0])
        rest = {name: value for name, value in base.items() if name not in ("last_hidden_state", "pooler_output")}
        if choices is not None and self.task is not None:
            for name in set(rest) & set(self.task.choice_outputs):
                rest[name] = tuple(value.unflatten(0, (-1, choices)) for value in rest[name])
        return ModelOutput(**outputs, **dict.fromkeys(("past_key_values", "hidden_states", "attentions")) | rest)

    def _first_token_only(self, inputs: dict[str, Any]) -> dict[str, bool]:
        """Tell the base model if nobody looks at its states but at the first token's: that spares most of a layer."""
        looked_at = any(head.reads not in (Reads.FIRST_TOKEN, Reads.POOLED) for head in self.heads)
        if looked_at or any(inputs[flag] for flag in FLAGS):
            return {}
        return {"first_token_only": True} if hasattr(type(self.base_model).forward, "knows_first_token_only") else {}

    def _head_outputs(
        self, head: Head, hidden: Tensor, base: ModelOutput, reads: dict[str, Any], choices: int | None
    ) -> tuple[Tensor, ...]:
        value = run_head(self, head, hidden, base.get("pooler_output"), reads)
        if head.per_choice and choices is not None:
            return (value.view(-1, choices),)
        if choices is not None:
            return (value.unflatten(0, (-1, choices)),)
        if len(head.outputs) == 2:
            first, second = value.unbind(-1)
            return first.contiguous(), second.contiguous()
        return (value,)

    # --- parts --------------------------------------------------------------------------------------------------------

    @property
    def base_model(self) -> "PreTrainedModel":
        """The model without its heads."""
        return getattr(self, self.base_model_prefix, self) if self.base_model_prefix else self

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return next(self.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """Type of the floating-point parameters."""
        return next(parameter.dtype for parameter in self.parameters() if parameter.is_floating_point())

    @property
    def dummy_inputs(self) -> dict[str, Tensor]:
        """A small input that the model can be called with."""
        return {"input_ids": torch.tensor([[7, 6, 0, 0, 1], [1, 2, 3, 0, 0], [0, 0, 0, 4, 5]])}

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "PreTrainedModel":
        # All of the model or nothing: a refusal comes before the first parameter moves.
        for module in self.modules():
            if isinstance(module, FixedWeight):
                module.check_move(fn(torch.zeros(0)))
        return super()._apply(fn, recurse)

    def num_parameters(self, only_trainable: bool = False) -> int:
        """Number of parameters, tied ones once; with `only_trainable`, of those that learn."""
        counted = sum(p.numel() for p in self.parameters() if p.requires_grad or not only_trainable)
        fixed = sum(m.out_features * m.in_features for m in self.modules() if isinstance(m, FixedWeight))
        return counted if only_trainable else counted + fixed

    def get_input_embeddings(self) -> nn.Module:
        """The table of words."""
        base: Any = self.base_model
        return base.embeddings.tokens if base is self else base.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the table of words."""
        base: Any = self.base_model
        if base is self:
            setattr(base.embeddings, "tokens", value)  # noqa: B010 (nn.Module decides what it becomes)
        else:
            base.set_input_embeddings(value)

    def _vocabulary(self) -> Vocabulary | WordTable | None:
        steps = (step for head in getattr(self, "heads", ()) for step in head.steps)
        return next((step for step in steps if isinstance(step, Vocabulary | WordTable)), None)

    def get_output_embeddings(self) -> nn.Module | None:
        """The map to the vocabulary, or None."""
        vocabulary = self._vocabulary()
        if isinstance(vocabulary, WordTable):
            words: Any = self.get_input_embeddings()
            if isinstance(words, FixedTable):
                return words
            linear = nn.Linear(words.embedding_dim, words.num_embeddings, bias=False, device="meta")
            linear.weight = words.weight
            return linear
        return None if vocabulary is None else self.get_submodule(vocabulary.path)

    def tie_weights(self) -> None:
        """Let the map to the vocabulary share the table of words (copy it, for a `torchscript` config)."""
        vocabulary = self._vocabulary()
        if not isinstance(vocabulary, Vocabulary):
            return
        output: Any = self.get_output_embeddings()
        words: Any = self.get_input_embeddings().weight
        if vocabulary.tied and not isinstance(output, FixedWeight):
            output.weight = nn.Parameter(words.detach().clone()) if self.config.torchscript else words
        if vocabulary.bias not in (None, f"{vocabulary.path}.bias"):
            shared = self.get_parameter(vocabulary.bias)
            output.bias = nn.Parameter(shared.detach().clone()) if self.config.torchscript else shared

    def resize_token_embeddings(self, new_num_tokens: int | None = None) -> nn.Module:
        """Give the tables of words `new_num_tokens` rows; rows that stay keep their values.

        Args:
            new_num_tokens: number of rows; None changes nothing.

        Returns:
            The table of words.
        """
        if new_num_tokens is not None:
            resize_vocabulary(self, new_num_tokens)
        return self.get_input_embeddings()

    def prune_heads(self, heads_to_prune: Mapping[int, Iterable[int]]) -> None:
        """Remove attention heads.

        Args:
            heads_to_prune: number of the layer -> numbers of its heads, as in the full model.
        """
        layers: Any = self.base_model.layers
        for number, heads in heads_to_prune.items():
            if not 0 <= number < len(layers):
                raise ValueError(f"cannot prune layer {number}: the model has layers 0 to {len(layers) - 1}")
            layers[number].attention.prune_heads(set(heads))
            gone = set(self.config.pruned_heads.get(number, [])) | set(heads)
            self.config.pruned_heads[number] = sorted(gone)

    # --- weights ------------------------------------------------------------------------------------------------------

    def init_weights(self) -> None:
        """Give all weights fresh values and tie those that are shared."""
        with torch.no_grad():
            self.apply(self._init_weights)
            vocabulary = self._vocabulary()
            if isinstance(vocabulary, WordTable):
                getattr(self, vocabulary.bias).zero_()
        self.tie_weights()

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        std = getattr(module, "init_std", self._init_std())
        if isinstance(module, SinusoidTable):
            module.reset()
        elif isinstance(module, nn.Linear | nn.Embedding | Conv1D):
            module.weight.normal_(0.0, std)
        elif isinstance(module, nn.LayerNorm | RootMeanSquareNorm | Affine):
            module.weight.fill_(1.0)
        bias = getattr(module, "bias", None)
        if isinstance(bias, nn.Parameter) and isinstance(
            module, nn.Linear | Conv1D | nn.LayerNorm | Affine | Group
        ):
            bias.zero_()

    def _init_std(self) -> float:
        """The deviation of fresh weights, where a block has none of its own."""
        return getattr(self.config, "initializer_range", 0.02)

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Any, *model_args: Any, **kwargs: Any) -> Any:
        """Load a model from a folder, a weights file or the hub, in evaluation mode.

        Args:
            pretrained_model_name_or_path: folder, hub name, or weights file (with `config`); None with `state_dict`.
            *model_args: further arguments of the class.
            **kwargs: `config` (an object or a path), `state_dict`, `from_tf`, `output_loading_info`,
                `ignore_mismatched_sizes`, `dtype` (also `torch_dtype`), `packed` (True: quicker for few
                rows on a CPU) and `quantize` (`"int8"`: a third of the memory; see the page on text generation), what
                `formers.hub` takes (`cache_dir`, `force_download`, `proxies`, `local_files_only`, `revision`, ...), and
                attributes of the config (`num_labels=10`, `output_attentions=True`); the rest goes to the class.

        Returns:
            The model, or with `output_loading_info` a pair of it and a dict of `missing_keys`, `unexpected_keys`,
            `initialized_keys` (those of the missing that have random values) and `error_msgs`.

        Raises:
            OSError: there is no such model, or its files cannot be read.
            RuntimeError: weights have other shapes than the config asks for.
        """
        return loading.from_pretrained(cls, pretrained_model_name_or_path, *model_args, **kwargs)

    def save_pretrained(self, save_directory: Any, **kwargs: Any) -> None:
        """Write the configuration and the weights to a folder.

        Args:
            save_directory: the folder; it is made if missing.
            **kwargs: `format="safetensors" | "bin" | "h5"` (or `safe_serialization=False` for `bin`).
        """
        saving.save_pretrained(self, save_directory, **kwargs)

    # --- masks for models of one's own --------------------------------------------------------------------------------

    def get_extended_attention_mask(
        self, attention_mask: Tensor, input_shape: Any = None, device: Any = None
    ) -> Tensor:
        """What is added to attention scores for a mask of ones and zeros. *Shape:* `[batch, 1, 1 or query, key]`."""
        attention: Any = self.base_model.stack.layers[0].attention.block
        return padding_mask(attention_mask, attention.mask, self.dtype)

    def get_head_mask(self, head_mask: Tensor | None, num_hidden_layers: int) -> list[Tensor | None]:
        """One head mask a layer. *Shape:* `[1, heads, 1, 1]` each."""
        return head_masks(head_mask, num_hidden_layers, self.dtype)

"""`PreTrainedModel`: what every PyTorch model class of the library is."""
import copy
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from formers.architecture import Architecture, EncoderDecoder, Head, SingleStack, Task, TokenScores, Vocabulary
from formers.architecture.keras_names import KerasLayout
from formers.architecture.names import NameTable
from formers.configuration import PretrainedConfig
from formers.family import Family, PublicClass
from formers.network import model as network
from formers.network.call import Call, StackOutput
from formers.network.checks import check_model
from formers.network.deferred import deferred, is_deferred
from formers.network.encoder_decoder import shift_right
from formers.network.weights import (
    Weight,
    head_weights,
    model_specs,
    model_weights,
    std_of,
)
from formers.outputs import ModelOutput, encoder_fields

from . import loading, ops, saving
from .calling import check_decoder, documented_forward
from .constants import stack_constants
from .construction import materialize, without_memory
from .containers import HeadParts, StackContainer, grow_heads, is_plain
from .generating import GenerationMixin
from .leaves import initialize
from .modules import ModuleUtilsMixin
from .ops.layers import is_untouched
from .pruning import prune_layers, prune_model, prunes_by_itself
from .pytree import register_output
from .resizing import resize_embedding, resize_vocabulary, tie_or_copy
from .storage.fixed import FixedWeight
from .tree import Parts, Tree, find, grow

logger = logging.getLogger(__name__)
register_output()


# The first base is a plain class: PyTorch's sharding gives a model another class, which needs the same layout.
class PreTrainedModel(ModuleUtilsMixin, GenerationMixin, nn.Module):
    """Base of all PyTorch models: builds itself from the family's architecture, loads, saves, resizes and prunes.

    A family's base class sets `family`, `tree` and `base_class_name`; a public class states what it is as `public=`. A
    custom model may subclass a family's base, create its modules in `__init__` and write its `forward`; it loads and
    saves like the others.

    Args:
        config: the model's configuration.
    """

    config_class: ClassVar[type[PretrainedConfig] | None] = None
    base_model_prefix: ClassVar[str] = ""
    family: ClassVar[Family | None] = None
    tree: ClassVar[Tree | None] = None
    public: ClassVar[PublicClass | None] = None
    task: ClassVar[Task | None] = None
    base_class_name: ClassVar[str] = ""
    nested_base: ClassVar[bool] = True  # whether a model with heads carries its base model as a part (T5 does not)
    load_tf_weights: ClassVar[Callable[..., nn.Module] | None] = None
    inner: Mapping[str, Any] = {}
    head_specs: tuple[Head, ...] = ()
    ops: ClassVar[Any] = ops
    spec: Architecture

    def __init_subclass__(cls, public: PublicClass | None = None, family: Family | None = None, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if family is not None:
            cls.family, cls.config_class = family, family.config
            if "base_model_prefix" not in cls.__dict__:
                cls.base_model_prefix = family.prefix
        if public is not None:
            cls.public, cls.task = public, public.task
            if "forward" not in cls.__dict__:
                cls.forward = documented_forward(cls, public.task)

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
        if self.task is not None:
            check_decoder(self, self.task, config)
            with without_memory():
                self._build(self.task)
            if not is_deferred():
                materialize(self, torch.get_default_device())
                self.init_weights()

    @classmethod
    def base_class(cls) -> "type[PreTrainedModel]":
        """Return the family's class without heads."""
        import sys

        owner = next(parent for parent in cls.__mro__ if "base_class_name" in parent.__dict__)
        return getattr(sys.modules[owner.__module__], owner.__dict__["base_class_name"])

    @classmethod
    def builds_itself(cls) -> bool:
        """Tell whether a model of the class is made of its configuration alone, by nobody else's code."""
        return cls.__init__ is PreTrainedModel.__init__ and cls.task is not None

    @property
    def names(self) -> NameTable:
        """The names of the family's parts."""
        return self.family.names if self.family is not None else NameTable("")

    @property
    def keras_layout(self) -> KerasLayout:
        """What Keras calls the family's weights."""
        return self.family.keras_layout if self.family is not None else KerasLayout()

    @property
    def is_base(self) -> bool:
        """Whether this is a family's base model, whose parameters have no prefix."""
        return self.task is not None and self.task.heads is None

    @property
    def holds_base(self) -> bool:
        """Whether the base model's blocks are this model's own."""
        return self.is_base or (self.task is not None and not self.nested_base)

    # --- building -----------------------------------------------------------------------------------------------------

    def _build(self, task: Task) -> None:
        assert self.family is not None and self.tree is not None
        self.spec = self.family.architecture(self.config)
        if self.holds_base:
            self._build_base()
        else:
            with deferred():
                setattr(self, self.base_model_prefix, self.base_class()(self.config))
        heads = () if task.heads is None else task.heads(self.config)
        of_base = self.base_class().task
        assert of_base is not None
        check_model(type(self).__name__, self.spec, of_base, heads)
        if task.heads is None:
            return
        self.head_specs = heads
        stack = self.spec.decoding
        weights: dict[str, Weight] = {}
        for head in self.head_specs:
            weights.update(head_weights(head, stack.output_size, stack.vocabulary, self.spec.init))
        assert self.public is not None
        kinds = dict(self.public.containers)
        kinds |= {row.path: row.kind for row in self.tree.names.head_rows}
        steps = [step for head in self.head_specs for step in head.steps]
        grow_heads(self, self.tree, [*weights.items()], steps, kinds)
        if hasattr(self.config, "num_labels"):
            self.num_labels = self.config.num_labels

    def _build_base(self) -> None:
        tree: Any = self.tree
        match self.spec:
            case SingleStack(stack):
                grow(self, tree, model_weights(self.spec), model_specs(self.spec), config=self.config)
                self.constants = stack_constants(stack)
            case EncoderDecoder(encoder, decoder, init):
                tokens = encoder.embeddings.tokens
                self.shared = nn.Embedding(tokens.vocabulary, tokens.size, tokens.padding)
                self.shared.init_std = std_of(init)  # type: ignore[assignment]
                given = {f"{name}.embeddings.tokens": self.shared for name in ("encoder", "decoder")}
                specs = model_specs(self.spec)
                grow(self, tree, model_weights(self.spec), specs, given=given, config=self.config)
                for name, stack in (("encoder", encoder), ("decoder", decoder)):
                    getattr(self, name).constants = stack_constants(stack)

    @property
    def num_labels(self) -> int:
        """Number of labels. Another one decides about the loss too: the squared error for one, else cross-entropy."""
        if "num_labels" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__} has no labels")
        return self.__dict__["num_labels"]

    @num_labels.setter
    def num_labels(self, value: int) -> None:
        before = self.__dict__.get("num_labels", self.config.num_labels)
        self.__dict__["num_labels"] = value
        if self.head_specs and value != before:
            assert self.task is not None and self.task.heads is not None
            config = copy.copy(self.config)
            config.num_labels = value
            self.head_specs = self.task.heads(config)

    # --- calling ------------------------------------------------------------------------------------------------------

    def parts(self) -> Parts:
        """Return the parts of the base model, as they are in the tree now."""
        assert self.tree is not None
        return Parts(self, self.tree.root, self.__dict__.get("constants"))

    def head_parts(self) -> HeadParts:
        """Return the parts of the heads, as they are in the tree now."""
        vocabulary = self._vocabulary()
        tokens = self.get_input_embeddings() if isinstance(vocabulary, TokenScores) else None
        return HeadParts(self, token_embeddings=tokens)

    @property
    def base_inputs(self) -> tuple[str, ...]:
        """Names of the arguments of the base model."""
        task = self.base_class().task
        assert task is not None
        return task.inputs

    def cache_layers(self) -> int:
        """Return the number of layers that a cache has."""
        base: Any = self.base_model
        if isinstance(base.spec, EncoderDecoder):
            stacks = (module for module in base.decoder.modules() if isinstance(module, StackContainer))
            stack: Any = next(stacks, None)  # it may be in a module of a user
            spec = base.spec.decoder
            return len(spec.steps) if stack is None else stack.parts.layer_count(spec)
        return base.parts().layer_count(base.spec.stack)

    def complete(self, inputs: dict[str, Any]) -> None:
        """Change the documented arguments of a call, all by name, where the configuration wants it: not here."""

    def pool(self, parts: Parts, hidden: Tensor) -> Tensor | None:
        """Compute the pooler's output, where there is one. *Shape:* `[batch, seq, hidden]` to `[batch, hidden]`."""
        container = parts.below("pooler").whole
        return None if container is None else container.enter(hidden)

    def call_base(self, inputs: dict[str, Any], first_only: bool) -> ModelOutput:
        """Call the base model of a model with heads."""
        if not self.nested_base:
            return network.run_base(self, inputs)
        base: Any = self.base_model
        if "cache" in inputs:  # a step of generation
            return network.run_base(base, inputs)
        if first_only and self._may_skip_positions(base):
            return base(**inputs, first_only=True)
        return self._named(base(**inputs), inputs)

    def _named(self, output: Any, inputs: dict[str, Any]) -> ModelOutput:
        """Give names to the outputs of a base model, which may be another module than the library's."""
        if isinstance(output, ModelOutput) and output.keys():
            return output
        caches = self.spec.decoding.memory is not None and inputs.get("use_cache")
        wanted = [
            ("last_hidden_state", True),
            ("pooler_output", getattr(self.spec, "pooler", None) is not None),
            ("past_key_values", caches),
            ("hidden_states", inputs.get("output_hidden_states")),
            ("attentions", inputs.get("output_attentions")),
        ]
        names = [name for name, there in wanted if there]
        if isinstance(self.spec, EncoderDecoder):
            names = [f"decoder_{name}" if name in ("hidden_states", "attentions") else name for name in names]
            return ModelOutput(**dict(zip(names, output)), **encoder_fields(output[len(names) :]))  # noqa: B905
        return ModelOutput(**dict(zip(names, output, strict=True)))

    def _may_skip_positions(self, base: Any) -> bool:
        """Tell whether nobody looks at the base model's last states but heads that look at the first position alone."""
        if not getattr(type(base).forward, "knows_first_only", False) or not is_untouched(base):
            return False
        pooler = base.parts().below("pooler").whole
        parts = self.head_parts()
        readers = [parts.reading_container(head) for head in self.head_specs]
        return all(is_plain(entrance.module) for entrance in (pooler, *readers) if entrance is not None)

    def run_encoder(self, call: Call) -> StackOutput:
        """Run the encoder, as it is in the tree now."""
        return self._stack("encoder").run(call)

    def run_decoder(self, call: Call) -> StackOutput:
        """Run the decoder, as it is in the tree now."""
        return self._stack("decoder").run(call)

    def _stack(self, name: str) -> Any:
        assert self.tree is not None
        kind: Any = next(
            self.tree.classes[row.kind] for row in self.tree.names.rows if row.part == name and row.kind
        )
        assert issubclass(kind, StackContainer)
        return kind.entered(self._modules[name])

    def _shift_right(self, input_ids: Tensor) -> Tensor:
        """Make the decoder's ids of labels. *Shape:* `[batch, seq]`."""
        inputs: Any = self.spec.decoder_inputs  # type: ignore[union-attr]
        return shift_right(ops, inputs, input_ids)

    # --- parts --------------------------------------------------------------------------------------------------------

    @property
    def base_model(self) -> "PreTrainedModel":
        """The model without its heads."""
        return getattr(self, self.base_model_prefix, self) if self.base_model_prefix else self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "PreTrainedModel":
        # All of the model or nothing: a refusal comes before the first parameter moves.
        for module in self.modules():
            if isinstance(module, FixedWeight):
                module.check_move(fn(torch.zeros(0)))
        return super()._apply(fn, recurse)

    def get_input_embeddings(self) -> nn.Module:
        """Return the token embeddings."""
        base: Any = self.base_model
        if base is not self:
            if not hasattr(base, "get_input_embeddings"):  # the base model is in a module of a user
                base = next(module for module in base.modules() if isinstance(module, PreTrainedModel))
            return base.get_input_embeddings()
        if not self.holds_base:
            raise NotImplementedError(f"{type(self).__name__} does not say where its token embeddings are")
        return self.shared if isinstance(self.spec, EncoderDecoder) else self.parts().below("embeddings")("tokens")

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the token embeddings, in encoder and decoder too."""
        base: Any = self.base_model
        if base is not self:
            base.set_input_embeddings(value)
        elif isinstance(self.spec, EncoderDecoder):
            self.shared = value
            for stack in (self.encoder, self.decoder):
                stack.set_input_embeddings(value)
        else:
            parts = self.parts().below("embeddings")
            *way, leaf = parts.table.paths["tokens"]
            setattr(find(self, tuple(way)), leaf, value)

    def _vocabulary(self) -> Vocabulary | TokenScores | None:
        return next((head.vocabulary for head in self.head_specs if head.vocabulary), None)

    @property
    def scores_by_token_embeddings(self) -> bool:
        """Whether the token embeddings themselves score the vocabulary."""
        return isinstance(self._vocabulary(), TokenScores)

    def get_output_embeddings(self) -> nn.Module | None:
        """Return the linear layer that scores the vocabulary, or None."""
        vocabulary = self._vocabulary()
        if isinstance(vocabulary, TokenScores):
            tokens: Any = self.get_input_embeddings()
            if isinstance(tokens, FixedWeight):
                return tokens
            linear = nn.Linear(tokens.weight.shape[1], tokens.weight.shape[0], bias=False, device="meta")
            linear.weight = tokens.weight
            return linear
        return None if vocabulary is None else self.get_submodule(vocabulary.path)

    def tie_weights(self) -> None:
        """Share the token embeddings with the layer that scores the vocabulary; copy them for `torchscript`.

        A custom model says by `get_output_embeddings` which layer that is.
        """
        vocabulary = self._vocabulary()
        if self.task is None:
            custom = self.get_output_embeddings()
            if custom is not None:
                self._tie_or_clone_weights(custom, self.get_input_embeddings())
        if isinstance(vocabulary, Vocabulary):
            output: Any = self.get_output_embeddings()
            if vocabulary.bias not in (None, f"{vocabulary.path}.bias"):
                output.bias = self.get_parameter(str(vocabulary.bias))
            if vocabulary.tied and not isinstance(output, FixedWeight):
                self._tie_or_clone_weights(output, self.get_input_embeddings())

    # The next two are not public names, and yet models of users call them.
    def _tie_or_clone_weights(self, output_embeddings: nn.Module, input_embeddings: nn.Module) -> None:
        tie_or_copy(output_embeddings, input_embeddings, self.config.torchscript)

    def _get_resized_embeddings(self, old_embeddings: nn.Embedding, new_num_tokens: int | None = None) -> nn.Embedding:
        if new_num_tokens in (None, old_embeddings.num_embeddings):
            return old_embeddings
        return resize_embedding(old_embeddings, new_num_tokens, self._init_weights)

    def resize_token_embeddings(self, new_num_tokens: int | None = None) -> nn.Module:
        """Give the token embeddings and the scores of the vocabulary that many rows; rows that stay keep values.

        Args:
            new_num_tokens: number of rows; None changes nothing.

        Returns:
            The token embeddings.
        """
        if new_num_tokens is not None:
            resize_vocabulary(self, new_num_tokens)
        return self.get_input_embeddings()

    def prune_heads(self, heads_to_prune: Mapping[int, Iterable[int]]) -> None:
        """Remove attention heads, and note it in the configuration.

        A base model with a `_prune_heads` of its own is asked to do it.

        Args:
            heads_to_prune: index of a layer, from the end if negative -> indices of its heads, as in the full model.

        Raises:
            IndexError: there is no such layer.
            NotImplementedError: the model has an encoder and a decoder, or is custom and has no `_prune_heads`.
        """
        prune_model(self, heads_to_prune)

    # Not a public name, and yet models of users define it, and call this one from there.
    def _prune_heads(self: Any, heads_to_prune: Mapping[int, Iterable[int]]) -> None:
        prune_layers(self, heads_to_prune)

    # --- weights ------------------------------------------------------------------------------------------------------

    def init_weights(self) -> None:
        """Give all weights new values, remove the heads that the configuration says, and tie shared weights."""
        with torch.no_grad():
            self.apply(self._init_weights)
            vocabulary = self._vocabulary()
            if isinstance(vocabulary, TokenScores):
                getattr(self, vocabulary.bias).zero_()
        if self.config.pruned_heads and prunes_by_itself(self.base_model):
            self.prune_heads(self.config.pruned_heads)
        self.tie_weights()

    def _init_weights(self, module: nn.Module) -> None:
        initialize(module, self._init_std())

    def _init_std(self) -> float:
        """Return the standard deviation of new weights, where a part has none of its own."""
        return getattr(self.config, "initializer_range", getattr(self.config, "init_std", 0.02))

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

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return the weights and buffers by name; tied weights are one tensor under several names."""
        found = super().state_dict(*args, **kwargs)
        prefix = kwargs.get("prefix", args[1] if len(args) > 1 else "")
        first: dict[int, Any] = {}
        for name, parameter in self.named_parameters(remove_duplicate=False):
            if prefix + name in found:
                found[prefix + name] = first.setdefault(id(parameter), found[prefix + name])
        return found

    def load_state_dict(self, state_dict: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Fill the model; see `torch.nn.Module.load_state_dict`.

        Raises:
            RuntimeError: names or shapes differ.
        """
        loading.check_wrapped(self, state_dict)
        return super().load_state_dict(state_dict, *args, **kwargs)

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        loading.accept_spellings(self, state_dict, prefix)
        super()._load_from_state_dict(state_dict, prefix, *args)

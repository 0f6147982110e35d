"""`TFPreTrainedModel`: what every Keras model class of the library is."""
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import keras
from keras import ops

from formers.architecture import Head, Init, Task, Vocabulary, WordTable
from formers.calling import documented_signature
from formers.configuration import PretrainedConfig
from formers.outputs import ModelOutput

from . import loading, saving
from .calling import (
    SWITCHES,
    add_batch_axis,
    documented_inputs,
    documented_names,
    is_symbolic,
    plain_dict,
    resolved_flags,
    without_batch_axis,
)
from .construction import precision
from .embeddings import TFSharedEmbeddings
from .fitting import Fitting
from .generating import TFGenerationMixin
from .heads import build_head, find, run_head
from .losses import head_loss
from .main_layer import TFMainLayer
from .resizing import resize_bias, resize_fixed_bias, resize_map, resize_table
from .weights import FamilyLike, Owner, name_variables

_CHOICES = ("input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds")


class TFPreTrainedModel(TFGenerationMixin, Fitting, Owner):
    """Base of all Keras models: builds itself from the family's architecture, loads, saves, resizes and prunes.

    A family sets `family` and `main_layer` (and `base_model_prefix`, where files have none); a public class adds its
    `task`. A class of one's own may subclass a family's base, create its main layer and its own layers in `__init__`
    and write its `call`; it loads and saves like the others. Weights are there as soon as the model is made.

    Args:
        config: the model's configuration.
        **kwargs: passed to the Keras model (`name`, `trainable`, `dtype`).
    """

    family: ClassVar[FamilyLike]
    main_layer: ClassVar[type[TFMainLayer]]
    config_class: ClassVar[type[PretrainedConfig] | None] = None
    base_model_prefix: ClassVar[str] = ""
    task: ClassVar[Task | None] = None
    names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if "family" in cls.__dict__:
            cls.config_class = cls.family.config
            if "base_model_prefix" not in cls.__dict__:
                cls.base_model_prefix = cls.family.prefix
        task = cls.__dict__.get("task")
        if task is not None:
            cls.names = documented_names(task)
            cls.is_base = task.heads is None

            def call(self: Any, inputs: dict[str, Any], *, training: bool = False, **flags: Any) -> ModelOutput:
                return self._run(inputs, training, flags)

            signature = documented_signature(("inputs", *cls.names[1:], "training"), training=False)
            call.__signature__ = signature  # type: ignore[attr-defined]
            call.__doc__ = "Run the model; the outputs are named as in the documentation of the class."
            cls.call = call
        keras.saving.register_keras_serializable(package=cls.__module__)(cls)

    def __init__(self, config: PretrainedConfig, *inputs: Any, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(config, PretrainedConfig):
            raise ValueError(
                f"{type(self).__name__} takes a configuration, found {type(config).__name__}; "
                f"to load a checkpoint use {type(self).__name__}.from_pretrained(name)"
            )
        if inputs:
            raise TypeError(f"{type(self).__name__} takes a configuration alone, found also {inputs!r}")
        self.config = config
        if self.task is None:
            return
        main = self.main_layer(config, name=self.base_model_prefix, dtype=kwargs.get("dtype"))
        setattr(self, self.base_model_prefix, main)
        self.heads = self.task.heads(config) if self.task.heads is not None else ()
        init = self._init()
        with precision(kwargs.get("dtype")):
            for head in self.heads:
                build_head(self, head, main.decoding_stack().stack.hidden, init, main.get_input_embeddings())
        self.built = True
        prefix = self.family.prefix
        name_variables(self, type(self).__name__, f"{prefix}." if self.is_base and prefix else "")

    # --- calling ------------------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the model on tensors given one by one, in a list or tuple, in a dict, or by name.

        Args:
            *args: tensors in the documented order, or all of them in a list, a tuple or a dict.
            **kwargs: tensors and flags by name; `training` switches dropout on.

        Returns:
            A tuple with named fields.
        """
        if self.task is None:
            args = tuple(plain_dict(value) for value in args)
            return super().__call__(*args, **kwargs)
        training = kwargs.pop("training", None)
        tensors, flags = documented_inputs(type(self).__name__, self.task, args, kwargs)
        if not is_symbolic(tensors):
            self.base_layer.check_lengths(tensors)
        return super().__call__(tensors, training=training, **flags)

    def _run(self, inputs: dict[str, Any], training: bool, flags: Mapping[str, bool | None]) -> ModelOutput:
        assert self.task is not None
        inputs = {**dict.fromkeys(self.task.inputs), **inputs, **resolved_flags(self.config, self.task, flags)}
        alone = self.base_layer.looks_back_only() and add_batch_axis(inputs)
        outputs = self._run_base(inputs, training) if self.is_base else self._run_heads(inputs, training)
        return without_batch_axis(outputs) if alone else outputs

    def _run_base(self, inputs: dict[str, Any], training: bool = False) -> ModelOutput:
        if "cache" in inputs:  # a step of generation
            return self.base_layer.run(inputs, training)
        given = {name: value for name, value in inputs.items() if value is not None}
        flags = {name: given.pop(name) for name in SWITCHES if name in given}
        return self.base_layer(given, training=training, **flags)

    def _run_heads(self, inputs: dict[str, Any], training: bool = False) -> ModelOutput:
        """Run the model with its heads.

        Args:
            inputs: all arguments by name, None for those that are not given. A step of generation adds `cache`, a
                `Cache` to use and add to, and `last_only`, the number of the last positions that heads read.
            training: drop values.
        """
        inputs = dict(inputs)
        labels = {name: inputs.pop(name, None) for head in self.heads for name in head.labels}
        last = inputs.pop("last_only", 0)
        of_base = {*self.base_layer.task.inputs, "cache"}
        reads = {name: inputs.pop(name) for name in [*inputs] if name not in of_base}
        choices = _flatten_choices(inputs) if any(head.per_choice for head in self.heads) else None
        reads["input_ids"] = inputs.get("input_ids")
        base = self._run_base(inputs, training)
        hidden = base.last_hidden_state
        if last:
            hidden = hidden[:, -last:]
        outputs: dict[str, Any] = dict.fromkeys(head.loss_name for head in self.heads)
        losses: dict[str, list[Any]] = {}
        for head in self.heads:
            values = self._head_outputs(head, hidden, base, reads, choices, training)
            outputs |= dict(zip(head.outputs, values, strict=True))
            losses.setdefault(head.loss_name, []).append(head_loss(head, values, labels))
        for name, parts in losses.items():
            given = [loss for loss in parts if loss is not None]
            if len(given) == len(parts):
                outputs[name] = sum(given[1:], given[0])
        rest = {name: value for name, value in base.items() if name not in ("last_hidden_state", "pooler_output")}
        if choices is not None and self.task is not None:
            for name in set(rest) & set(self.task.choice_outputs):
                rest[name] = tuple(_regrouped(value, choices) for value in rest[name])
        return ModelOutput(**outputs, **dict.fromkeys(("past_key_values", "hidden_states", "attentions")) | rest)

    def _head_outputs(
        self, head: Head, hidden: Any, base: ModelOutput, reads: Mapping[str, Any], choices: Any, training: bool
    ) -> tuple[Any, ...]:
        value = run_head(self, head, hidden, base.get("pooler_output"), reads, training)
        if head.per_choice:
            return (ops.reshape(value, (-1, choices)),)
        if choices is not None:
            return (_regrouped(value, choices),)
        if len(head.outputs) == 2:
            return value[..., 0], value[..., 1]
        return (value,)

    # --- parts --------------------------------------------------------------------------------------------------------

    @property
    def base_layer(self) -> TFMainLayer:
        """The main layer: the model without its heads."""
        part = getattr(self, self.base_model_prefix)
        return part.base_layer if isinstance(part, TFPreTrainedModel) else part

    @property
    def base_model(self) -> Any:
        """The model without its heads."""
        return self if self.is_base else self.base_layer

    def __dir__(self) -> list[str]:
        # Keras looks at all attributes when it loads a model, and would never come back from one that is the model.
        return [name for name in super().__dir__() if name != "base_model" or not self.is_base]

    @property
    def dummy_inputs(self) -> dict[str, Any]:
        """A small input that the model can be called with."""
        ids = ops.convert_to_tensor([[7, 6, 0, 0, 1], [1, 2, 3, 0, 0], [0, 0, 0, 4, 5]])
        heads = getattr(self, "heads", ())
        return {"input_ids": ids[None] if any(head.per_choice for head in heads) else ids}

    def num_parameters(self, only_trainable: bool = False) -> int:
        """Number of parameters, tied ones once; with `only_trainable`, of those that learn."""
        weights = self.trainable_weights if only_trainable else self.weights
        return sum(map(_size, weights))

    def get_input_embeddings(self) -> TFSharedEmbeddings:
        """The table of words."""
        return self.base_layer.get_input_embeddings()

    def set_input_embeddings(self, value: Any) -> None:
        """Give the table of words other values: an array *of shape* `[words, size]`, or a layer with a `weight`."""
        self.base_layer.set_input_embeddings(value)

    def _vocabulary(self) -> Vocabulary | WordTable | None:
        steps = (step for head in getattr(self, "heads", ()) for step in head.steps)
        return next((step for step in steps if isinstance(step, Vocabulary | WordTable)), None)

    def get_output_embeddings(self) -> Any | None:
        """The map to the vocabulary, or None: a layer whose `table` is that of the words, or the table itself."""
        vocabulary = self._vocabulary()
        if isinstance(vocabulary, WordTable):
            return self.get_input_embeddings()
        return None if vocabulary is None else find(self, vocabulary.path)

    def resize_token_embeddings(self, new_num_tokens: int | None = None) -> TFSharedEmbeddings:
        """Give the tables of words `new_num_tokens` rows; rows that stay keep their values.

        Args:
            new_num_tokens: number of rows; None changes nothing.

        Returns:
            The table of words.
        """
        table = self.get_input_embeddings()
        if new_num_tokens is None or new_num_tokens == table.vocab_size:
            return table
        if new_num_tokens < 1:
            raise ValueError(f"new_num_tokens is {new_num_tokens}; a vocabulary has at least one token")
        resize_table(table, new_num_tokens, self._init())
        self._resize_output(new_num_tokens)
        self.config.vocab_size = new_num_tokens  # type: ignore[attr-defined]
        self._forget_compiled()
        return table

    def _resize_output(self, rows: int) -> None:
        match self._vocabulary():
            case WordTable(bias):
                resize_fixed_bias(self, bias, rows)
            case Vocabulary(path, _, tied=False):
                resize_map(find(self, path), rows, self._init())
            case Vocabulary(path, bias) if bias is not None:
                group, _, leaf = bias.rpartition(".")
                resize_bias(find(self, path), rows, find(self, group), leaf)

    def _init(self) -> Init:
        """Where fresh weights come from."""
        return self.family.architecture(self.config).init

    def prune_heads(self, heads_to_prune: Mapping[int, Iterable[int]]) -> None:
        """Remove attention heads.

        Args:
            heads_to_prune: number of the layer -> numbers of its heads, as in the full model.
        """
        layers = self.base_layer.layers
        for number, heads in heads_to_prune.items():
            if not 0 <= number < len(layers):
                raise ValueError(f"cannot prune layer {number}: the model has layers 0 to {len(layers) - 1}")
            layers[number].attention.prune_heads(set(heads))
            gone = set(self.config.pruned_heads.get(number, [])) | set(heads)
            self.config.pruned_heads[number] = sorted(gone)
        self._forget_compiled()

    def _forget_compiled(self) -> None:
        """Drop functions that were traced with the old variables."""
        self.train_function = self.test_function = self.predict_function = self._compiled_steps = None

    # --- weights ------------------------------------------------------------------------------------------------------

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Any, *model_args: Any, **kwargs: Any) -> Any:
        """Load a model from a folder, a weights file or the hub.

        Args:
            pretrained_model_name_or_path: folder, hub name, or weights file (with `config`).
            *model_args: further arguments of the class.
            **kwargs: `config` (an object or a path), `from_pt` (prefer PyTorch's files), `output_loading_info`,
                `ignore_mismatched_sizes`, what `formers.hub` takes (`cache_dir`, `force_download`, `proxies`,
                `local_files_only`, `revision`, ...), and attributes of the config (`num_labels=10`,
                `output_attentions=True`); the rest goes to the class.

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
            **kwargs: `format="safetensors" | "h5"`.
        """
        saving.save_pretrained(self, save_directory, **kwargs)

    def save_weights(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Write the weights: Keras's own format for `*.weights.h5`, the documented `tf_model.h5` for other `*.h5`."""
        if saving.is_hub_h5(filepath):
            saving.write_h5(self, filepath, overwrite)
        else:
            super().save_weights(filepath, overwrite=overwrite, **kwargs)

    def load_weights(self, filepath: Any, **kwargs: Any) -> None:
        """Read weights that `save_weights` wrote, or a `tf_model.h5`."""
        if saving.is_hub_h5(filepath):
            loading.load_file(self, filepath)
        else:
            super().load_weights(filepath, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """What the model can be made from again."""
        return {"config": self.config.to_dict(), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Make a model from `get_config`."""
        config = dict(config)
        inner = config.pop("config")
        assert cls.config_class is not None
        return cls(inner if isinstance(inner, PretrainedConfig) else cls.config_class.from_dict(inner), **config)


def _size(weight: Any) -> int:
    count = 1
    for length in weight.shape:
        count *= length
    return count


def _regrouped(value: Any, choices: Any) -> Any:
    """The axis of rows split into batch and choices."""
    return ops.reshape(value, (-1, choices, *ops.shape(value)[1:]))


def _flatten_choices(inputs: dict[str, Any]) -> Any:
    """Join the axes of batch and choices of all inputs; give the number of choices."""
    first = inputs["input_ids"] if inputs["input_ids"] is not None else inputs["inputs_embeds"]
    if first is None or len(first.shape) < 3:
        shape = None if first is None else tuple(first.shape)
        raise ValueError(f"a multiple-choice model takes input_ids of shape [batch, choices, seq], found {shape}")
    for name in _CHOICES:
        if inputs.get(name) is not None:
            inputs[name] = ops.reshape(inputs[name], (-1, *ops.shape(inputs[name])[2:]))
    return ops.shape(first)[1]

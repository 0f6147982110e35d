"""`TFPreTrainedModel`: what every Keras model class of the library is."""
import math
import os
from collections.abc import Iterable, Mapping
from types import new_class
from typing import Any, ClassVar

import keras
from keras import ops

from formers.architecture import Head, SingleStack, Task, TokenScores, Vocabulary
from formers.configuration import PretrainedConfig
from formers.family import Family, PublicClass
from formers.generation.inputs import decoder_inputs
from formers.generation.steps import PairSteps
from formers.network.checks import check_model
from formers.network.weights import Weight, head_weights
from formers.outputs import ModelOutput

from . import loading, saving
from .calling import documented_inputs, documented_names, is_symbolic, plain_dict, uncached
from .construction import accepted, freeze_layers, freeze_parts, frozen_layers, precision
from .embeddings import TFSharedEmbeddings
from .fitting import Fitting
from .generating import TFGenerationMixin
from .main_layer import TFMainLayer, TFStackLayer, documented_call
from .ops import symbolic
from .parts import find, grow
from .pruning import prune_layer
from .resizing import renew_optimizer, resize_vocabulary
from .running import Running
from .weights import Owner, name_variables


class TFModelUtilsMixin:
    """What Keras models can say of themselves."""

    def num_parameters(self: Any, only_trainable: bool = False) -> int:
        """Return the number of parameters, tied ones once; with `only_trainable`, of those that learn."""
        weights = self.trainable_weights if only_trainable else self.weights
        return sum(math.prod(weight.shape) for weight in weights)


class TFPreTrainedModel(TFModelUtilsMixin, TFGenerationMixin, Fitting, Owner):
    """Base of all Keras models: builds itself from the family's architecture, loads, saves, resizes and prunes.

    A family's base class states its `family` and `main_layer` (and `base_model_prefix`, where files have none); a
    public class what it is as `public=`. A custom class may subclass a family's base, create its main layer and its own
    layers in `__init__` and write its `call`; it loads and saves like the others. Weights are there as soon as the
    model is made.

    Args:
        config: the model's configuration.
        **kwargs: passed to the Keras model (`name`, `trainable`, `dtype`).
    """

    main_layer: ClassVar[type[TFMainLayer]]
    config_class: ClassVar[type[PretrainedConfig] | None] = None
    base_model_prefix: ClassVar[str] = ""
    task: ClassVar[Task | None] = None
    names: ClassVar[tuple[str, ...]] = ()
    heads: tuple[Head, ...] = ()

    def __init_subclass__(
        cls,
        public: PublicClass | None = None,
        family: Family | None = None,
        main_layer: type[TFMainLayer] | None = None,
        **kwargs: Any,
    ):
        super().__init_subclass__(**kwargs)
        if main_layer is not None:
            cls.main_layer = main_layer
        if family is not None:
            cls.family, cls.config_class = family, family.config
            if "base_model_prefix" not in cls.__dict__:
                cls.base_model_prefix = family.prefix
        if public is not None:
            assert public.keras is not None, f"{public.name} has no twin"
            cls.task, cls.is_base = public.keras, public.keras.heads is None
            cls.names = documented_names(public.keras)
            cls.call = documented_call(public.keras, TFPreTrainedModel._run, "model")
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
        check_model(type(self).__name__, main.spec, main.task, self.heads)
        if self.heads:
            self.num_labels = config.num_labels
        stack = main.spec.decoding
        weights: dict[str, Weight] = {}
        for head in self.heads:
            weights.update(head_weights(head, stack.output_size, stack.vocabulary, main.spec.init))
        with precision(kwargs.get("dtype")):
            grow(self, weights.items(), main.get_input_embeddings())
        self.built = True
        freeze_parts(self)
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
        with symbolic(is_symbolic(tensors)):
            return super().__call__(tensors, training=training, **flags)

    def _run(self, inputs: Mapping[str, Any], training: bool, flags: Mapping[str, Any]) -> ModelOutput:
        return Running(self.base_layer, training, self).run(inputs, flags)

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

    @property
    def spec(self) -> Any:
        """The architecture."""
        return self.base_layer.spec

    def __dir__(self) -> list[str]:
        # Keras looks at all attributes when it loads a model, and would never come back from one that is the model.
        return [name for name in super().__dir__() if name != "base_model" or not self.is_base]

    @property
    def dummy_inputs(self) -> dict[str, Any]:
        """A small input that the model can be called with."""
        ids = ops.convert_to_tensor([[7, 6, 0, 0, 1], [1, 2, 3, 0, 0], [0, 0, 0, 4, 5]])
        return {"input_ids": ids[None] if any(head.per_choice for head in self.heads) else ids}

    def get_input_embeddings(self) -> TFSharedEmbeddings:
        """Return the token embeddings."""
        return self.base_layer.get_input_embeddings()

    def set_input_embeddings(self, value: Any) -> None:
        """Give the token embeddings other values: an array *of shape* `[tokens, size]`, or a layer with a `weight`."""
        self.base_layer.set_input_embeddings(value)

    @property
    def vocabulary_step(self) -> Vocabulary | TokenScores | None:
        """What scores the vocabulary, or None."""
        return next((head.vocabulary for head in self.heads if head.vocabulary is not None), None)

    def get_output_embeddings(self) -> Any | None:
        """Return what scores the vocabulary: a layer with the `token_embeddings`, these themselves, or None."""
        step = self.vocabulary_step
        if isinstance(step, TokenScores):
            return self.get_input_embeddings()
        return None if step is None else find(self, step.path)

    def resize_token_embeddings(self, new_num_tokens: int | None = None) -> TFSharedEmbeddings:
        """Give the token embeddings `new_num_tokens` rows; rows that stay keep their values.

        An optimizer of `compile` goes on with what it knows of all weights that keep their shape.

        Args:
            new_num_tokens: number of rows; None changes nothing.

        Returns:
            The token embeddings.

        Raises:
            ValueError: there would be no token.
        """
        if new_num_tokens is not None and new_num_tokens != self.get_input_embeddings().vocab_size:
            resize_vocabulary(self, new_num_tokens)
            self.forget_compiled()
        return self.get_input_embeddings()

    def prune_heads(self, heads_to_prune: Mapping[int, Iterable[int]]) -> None:
        """Remove attention heads.

        Args:
            heads_to_prune: index of a layer, from the end if negative -> indices of its heads, as in the full model.

        Raises:
            IndexError: there is no such layer.
            NotImplementedError: the model has an encoder and a decoder.
        """
        main = self.base_layer
        if not isinstance(main.spec, SingleStack):
            raise NotImplementedError(
                f"{type(self).__name__} cannot prune heads: it is not documented which of its attentions a layer index "
                "means. Pass a head_mask"
            )
        count, before = len(main.spec.stack.layers), list(self.trainable_variables)
        for index, heads in heads_to_prune.items():
            if not -count <= index < count:
                raise IndexError(f"cannot prune layer {index}: the model has layers 0 to {count - 1}")
            prune_layer(main, index % count, set(heads))
            gone = set(self.config.pruned_heads.get(index, [])) | set(heads)
            self.config.pruned_heads[index] = sorted(gone)
        renew_optimizer(self, before, grown=False)
        self.forget_compiled()

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

    def save(
        self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, save_format: Any = None, **kwargs: Any
    ) -> None:
        """Write the whole model to a `.keras` file.

        Raises:
            NotImplementedError: the file is another; nothing is written.
        """
        if zipped is not False:
            saving.check_model_file(type(self).__name__, filepath, save_format)
        super().save(filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def export(self, filepath: Any, format: str = "tf_saved_model", **kwargs: Any) -> None:
        """Write what computes the outputs, as a SavedModel; without keys and values.

        Args:
            filepath: the folder.
            format: as for any model of Keras.
            **kwargs: what `keras.Model.export` takes; the `input_signature` is a dict of `input_ids` and, if the class
                takes one, `attention_mask` by default, and for an encoder with a decoder `decoder_input_ids` and
                `decoder_attention_mask` besides.
        """
        if self.task is not None and kwargs.get("input_signature") is None:
            kwargs["input_signature"] = [saving.example_inputs(self)]
        with uncached():
            super().export(filepath, format, **kwargs)

    def save_weights(self, filepath: Any, overwrite: bool = True, save_format: Any = None, **kwargs: Any) -> None:
        """Write the weights: Keras's own format for `*.weights.h5`, the documented `tf_model.h5` for other `*.h5`.

        Raises:
            ValueError: the file is another; nothing is written.
        """
        if kwargs.get("max_shard_size") is None:
            saving.check_weights_file(filepath, (".h5", ".hdf5"), save_format)
        if saving.is_hub_h5(filepath):
            saving.write_h5(self, filepath, overwrite)
        else:
            super().save_weights(filepath, overwrite=overwrite, **kwargs)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, by_name: bool = False, **kwargs: Any) -> None:
        """Read weights that `save_weights` wrote, a `tf_model.h5`, or those of a `.keras` file.

        Args:
            filepath: the file.
            skip_mismatch: pass over weights of another shape.
            by_name: pass over weights that the file lacks.
            **kwargs: what `keras.Model.load_weights` takes.

        Raises:
            ValueError: the file is another.
            AttributeError: a `tf_model.h5` lacks some weights.
            RuntimeError: shapes in a `tf_model.h5` differ.
        """
        if saving.is_hub_h5(filepath):
            loading.load_file(self, filepath, skip_mismatch, by_name)
            return
        if not os.path.isdir(filepath):  # a folder is a checkpoint of another kind that Keras reads
            saving.check_weights_file(filepath, (".h5", ".hdf5", ".keras", ".weights.json"))
        super().load_weights(filepath, skip_mismatch=skip_mismatch, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return what the model can be made from again."""
        config = {"config": self.config.to_dict(), "name": self.name}
        if self.dtype_policy.name != "float32":
            config["dtype"] = keras.dtype_policies.serialize(self.dtype_policy)
        frozen = frozen_layers(self)
        return config | {"frozen": frozen} if frozen else config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Make a model from `get_config`."""
        config = dict(config)
        inner, frozen = config.pop("config"), config.pop("frozen", ())
        if "dtype" in config:
            config["dtype"] = keras.dtype_policies.get(config["dtype"])
        assert cls.config_class is not None
        inner = inner if isinstance(inner, PretrainedConfig) else cls.config_class.from_dict(inner)
        model = cls(inner, **accepted(cls.__init__, config))
        freeze_layers(model, frozen)
        return model


class TFSeq2SeqModel(TFPreTrainedModel):
    """Base of the families with an encoder and a decoder."""

    @property
    def dummy_inputs(self) -> dict[str, Any]:
        """A small input that the model can be called with."""
        ids = super().dummy_inputs["input_ids"]
        return {"input_ids": ids, "decoder_input_ids": ids, "decoder_attention_mask": ops.ones_like(ids)}

    def prepare_inputs_for_generation(  # type: ignore[override]  # the documented arguments
        self, inputs: Any, past: Any, attention_mask: Any | None = None, use_cache: bool = True, **kwargs: Any
    ) -> dict[str, Any]:
        """Return the inputs of a generation step of the decoder.

        Args:
            inputs: the decoder's ids so far. *Shape:* `[batch, seq]`.
            past: a pair of the encoder's outputs and the decoder's earlier keys and values, or the outputs alone.
            attention_mask: of the encoder. *Shape:* `[batch, encoder seq]`.
            use_cache: give keys and values back.
            **kwargs: without effect.
        """
        assert self.task is not None
        return decoder_inputs(self.task, inputs, past, attention_mask, use_cache)

    @staticmethod
    def _reorder_cache(past: Any, beam_idx: Any) -> Any:
        encoder_outputs, earlier = past
        reordered = keras.tree.map_structure(
            lambda x: None if x is None else ops.take(x, beam_idx, axis=0), list(earlier)
        )
        return encoder_outputs, reordered

    def _pair_steps(self, capacity: int, encoded: Any, mask: Any | None, use_cache: bool) -> PairSteps:
        return PairSteps(self, capacity, encoded, mask, use_cache)

    def get_encoder(self) -> TFStackLayer:
        """Return the encoder."""
        main: Any = self.base_layer
        return main.encoder

    def get_decoder(self) -> TFStackLayer:
        """Return the decoder."""
        main: Any = self.base_layer
        return main.decoder


def twin(public: PublicClass, base: type[TFPreTrainedModel]) -> type[TFPreTrainedModel]:
    """Make the Keras class of a public class.

    Args:
        public: what it is.
        base: the family's base class, beside which it stands.
    """
    name = f"TF{public.name}"
    attributes = {"__module__": base.__module__, "__qualname__": name, "__doc__": f"`{public.name}` in Keras."}
    return new_class(name, (base,), {"public": public}, lambda namespace: namespace.update(attributes))

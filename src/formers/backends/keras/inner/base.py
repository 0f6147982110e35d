"""`TFInnerLayer`: what all pieces of models have in common."""
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from inspect import Parameter, Signature, signature
from types import MappingProxyType, new_class
from typing import Any, ClassVar

import keras
import numpy as np

from formers.architecture import Stack
from formers.architecture.names import Row
from formers.configuration import PretrainedConfig
from formers.family import Family
from formers.network.weights import Weight, model_specs, model_weights, within

from ..construction import precision
from ..documented import cast_bool_to_primitive
from ..parts import Parts, grow
from ..weights import planned_weights, registered


class TFInnerLayer(keras.layers.Layer):
    """A piece of a model as a Keras layer by itself.

    A family's class states its `family`: the network's name of what it computes, and the documented path, stand in the
    first row with the class of the family's table of names. The weights are there as soon as the layer is made, and
    have the documented order, shapes and names.

    Args:
        config: the model's configuration, or its dict.
        **kwargs: passed to the Keras layer (`name`, `trainable`, `dtype`).

    Attributes:
        arguments: the arguments of a call: a single one is passed as it is, several are passed in a list; those of a
            dict, which has their defaults, are passed by name.
        trains: a call also takes `training`.
        documented: the layer's own variables by their documented names, in the documented order.
        own_weights: the same as files know them, by the hub's names below the layer.
    """

    family: ClassVar[Family]
    arguments: ClassVar[Any]
    trains: ClassVar[bool] = True
    row: Row = Row("", "")
    documented: Mapping[str, Any] = MappingProxyType({})

    def __init_subclass__(
        cls, family: Family | None = None, arguments: tuple[str, ...] | dict[str, Any] | None = None, **kwargs: Any
    ):
        super().__init_subclass__(**kwargs)
        if family is not None:
            kind = cls.__name__.removeprefix("TF")
            cls.family = family
            cls.row = next((row for row in family.names.rows if row.kind == kind), cls.row)
        if arguments is not None:
            cls.arguments = arguments
            cls.call = _documented_call(arguments, cls.trains)
        keras.saving.register_keras_serializable(package=cls.__module__)(cls)

    def __init__(self, config: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.config = self.family.config.from_dict(config) if isinstance(config, dict) else config
        self.scope, self.hub_path = self.row.part.replace("{i}", "0"), self.row.path.replace("{i}", "0")
        self.spec, weights = self.describe()
        own = [(name, weight) for name, weight in weights if self._is_own(name)]
        with precision(kwargs.get("dtype")):
            grow(self, own, self.given_tokens(), rows=bool(self.family.keras_layout.rows))
        self.built = True
        self.name_variables()

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """Return what the layer computes, and the parts of that by their names below `scope`."""
        config = copy(self.config)
        config.is_decoder = False  # layers of a single stack attend to no encoder in the documented Keras classes
        whole = self.family.architecture(config)
        spec, weights = model_specs(whole)[self.scope], model_weights(whole)
        if isinstance(spec, Stack):
            self.scope = ""
        return spec, within(self.scope, weights) if self.scope else weights

    def hub_name(self, name: str) -> str | None:
        """Return the documented path of a part or weight by the network's name below `scope`; None without one."""
        return self.family.names.hub_name(f"{self.scope}.{name}" if self.scope else name)

    def given_tokens(self) -> Any:
        """Return the token embeddings that the layer scores with, or None."""
        return None

    def _is_own(self, name: str) -> bool:
        found = self.hub_name(name)
        return found is None or f"{found}.".startswith(f"{self.hub_path}.")

    def name_variables(self) -> None:
        """Let the variables bear the documented paths, and `weights` have the documented order."""
        found = {self.hub_name(name) or name: weight for name, weight in planned_weights(self)}
        shapes = {name: found[name].shape for name in registered(found)}
        above = 1 + sum(not word.isdigit() for word in self.hub_path.split("."))
        documented, own = {}, {}
        for paths in self.family.keras_layout.layers(type(self).__name__, shapes).values():
            for path, name in paths.items():
                below = path.removesuffix(":0").split("/", above)[-1]
                documented[below], own[name.removeprefix(f"{self.hub_path}.")] = found[name].variable, found[name]
                found[name].variable._path = f"{self.name}/{below}"
        self.documented, self.own_weights = MappingProxyType(documented), MappingProxyType(own)

    @property
    def weights(self) -> list[Any]:
        """The variables in the documented order; those of other layers in it come last."""
        known = {id(variable) for variable in self.documented.values()}
        return [*self.documented.values(), *(weight for weight in super().weights if id(weight) not in known)]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the layer; see `call`."""
        named = {name: _without_flags(value) for name, value in kwargs.items()}
        return super().__call__(*map(_without_flags, args), **named)

    def parts(self, training: bool) -> Parts:
        """Return the parts in a call."""
        return Parts(self, training)

    def given(self, inputs: Any) -> dict[str, Any]:
        """Return the arguments of a call by name.

        Args:
            inputs: the single argument, or a list or tuple of all, with None for those that are not given.

        Raises:
            ValueError: it is no list, or there are more or fewer arguments.
        """
        names = self.arguments
        values = (inputs,) if len(names) == 1 else inputs
        if not isinstance(values, list | tuple) or len(values) != len(names):
            found = f"{len(values)} values" if isinstance(values, list | tuple) else type(values).__name__
            raise ValueError(
                f"{type(self).__name__} takes a list of {len(names)} values, found {found}: give {', '.join(names)}, "
                "with None for what is not there"
            )
        return dict(zip(names, values, strict=True))

    def run(self, given: Mapping[str, Any], training: bool) -> Any:
        """Compute the layer.

        Args:
            given: the documented arguments by name.
            training: drop values.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return what the layer can be made from again: the values of the constructor's arguments."""
        names = [*signature(type(self).__init__).parameters][1:-1]
        return super().get_config() | {name: _saved(getattr(self, name)) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a layer from `get_config`."""
        layers = {name: value for name, value in config.items() if isinstance(value, dict) and "class_name" in value}
        return cls(**{**config, **{name: keras.saving.deserialize_keras_object(layers[name]) for name in layers}})


def flag(value: Any) -> bool:
    """Return a truth value of Python; a tensor without a value, in a compiled function, is True."""
    return bool(cast_bool_to_primitive(value, default_tensor_to_true=True))


def _without_flags(value: Any) -> Any:
    """Return a list without flags, which Keras does not take beside tensors: a tensor for True, None for False."""
    if not isinstance(value, list | tuple):
        return value
    return [(np.asarray(True) if item else None) if isinstance(item, bool | np.bool_) else item for item in value]


def _documented_call(arguments: tuple[str, ...] | dict[str, Any], trains: bool) -> Callable[..., Any]:
    """Return `call` with the documented arguments."""
    listed = not isinstance(arguments, dict)
    if isinstance(arguments, dict):
        named = dict(arguments)
    else:
        named = {arguments[0] if len(arguments) == 1 else "inputs": Parameter.empty}
    if trains:
        named.setdefault("training", False)
    documented = Signature(
        [
            Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=value)
            for name, value in {"self": Parameter.empty, **named}.items()
        ]
    )

    def call(*args: Any, **kwargs: Any) -> Any:
        bound = documented.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        self, training = given.pop("self"), bool(given.pop("training", False))
        return self.run(self.given(*given.values()) if listed else given, training)

    call.__signature__ = documented  # type: ignore[attr-defined]
    call.__doc__ = "Compute, with the documented arguments and result."
    return call


def inner_layer(module: str, family: Family, name: str, base: type[TFInnerLayer], *arguments: str, **own: Any) -> Any:
    """Make a family's class that its name tells apart from its base.

    Args:
        module: the module that it stands in.
        family: the family.
        name: its name.
        base: what it is.
        *arguments: the arguments of its call; those of the base without any.
        **own: its attributes.
    """
    own |= {"__module__": module, "__qualname__": name, "__doc__": f"`{name.removeprefix('TF')}` in Keras."}
    return new_class(name, (base,), {"family": family, "arguments": arguments or None}, lambda space: space.update(own))


def _saved(value: Any) -> Any:
    if isinstance(value, PretrainedConfig):
        return value.to_dict()
    return keras.saving.serialize_keras_object(value) if isinstance(value, keras.layers.Layer) else value

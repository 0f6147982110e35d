"""Making the library's outputs known to the frameworks that take structures of tensors apart."""
import keras

from formers.outputs import ModelOutput, flatten, unflatten

_registered = False


def register_output() -> None:
    """Let Keras (and JAX) see the tensors inside a `ModelOutput`."""
    global _registered
    if _registered:
        return
    _registered = True
    import optree

    optree.register_pytree_node(ModelOutput, flatten, unflatten, namespace="keras")  # type: ignore[arg-type]
    if keras.backend.backend() == "jax":
        import jax

        jax.tree_util.register_pytree_node(ModelOutput, flatten, unflatten)

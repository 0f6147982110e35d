"""What goes wrong in generation."""


class GenerationError(ValueError, AssertionError):
    """An argument of `generate()` that cannot be, or a model that fails on the way.

    It is an `AssertionError` too because documented code expects that.
    """

"""Keras's operations, as the network and generation use them. The other backends have the same."""
from ..activations import get_activation as get_activation
from .arrays import *  # noqa: F403
from .attention import *  # noqa: F403
from .flow import *  # noqa: F403
from .inputs import *  # noqa: F403
from .layers import *  # noqa: F403
from .losses import *  # noqa: F403

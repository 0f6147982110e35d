"""ONNX's operations, as the network uses them: each writes nodes of a graph. The other backends have the same."""
from .arrays import *  # noqa: F403
from .attention import *  # noqa: F403
from .flow import *  # noqa: F403
from .inputs import *  # noqa: F403
from .layers import *  # noqa: F403

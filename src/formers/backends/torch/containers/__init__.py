"""Containers of the documented module tree: modules that compute a piece of the network, and are called as documented.

A container is computed by the network's functions on its parts. Where nobody looks at it or changes it, it is computed
as it is. Where it has hooks, or is another module than the documented class (a subclass with a custom `forward`, or
any module that a user put there), it is called with the documented arguments, and its documented result is read.
Each family says, for its classes, what these are: `read` and `write` for calls from outside, `arguments` and `parse`
for calls of what stands in a container's place.
"""
from .base import Arguments as Arguments
from .base import Container as Container
from .base import Entrance as Entrance
from .base import is_plain as is_plain
from .heads import HeadContainer as HeadContainer
from .heads import HeadEntrance as HeadEntrance
from .heads import HeadParts as HeadParts
from .heads import JointEntrance as JointEntrance
from .heads import PoolerContainer as PoolerContainer
from .heads import PoolerEntrance as PoolerEntrance
from .heads import ReadingEntrance as ReadingEntrance
from .heads import grow_heads as grow_heads
from .stacks import EmbeddingsContainer as EmbeddingsContainer
from .stacks import EmbeddingsEntrance as EmbeddingsEntrance
from .stacks import LayerContainer as LayerContainer
from .stacks import LayerEntrance as LayerEntrance
from .stacks import LayersContainer as LayersContainer
from .stacks import LayersEntrance as LayersEntrance
from .stacks import StackContainer as StackContainer
from .stacks import StackEntrance as StackEntrance
from .stacks import documented_head_masks as documented_head_masks
from .steps import Finish as Finish
from .steps import Steps as Steps
from .steps import StepsEntrance as StepsEntrance
from .steps import Update as Update

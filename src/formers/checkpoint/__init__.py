"""Files of weights: named tensors in several formats, read and written under the hub's names."""

from formers.architecture.keras_names import KerasLayout as KerasLayout
from formers.checkpoint.base import Checkpoint as Checkpoint
from formers.checkpoint.base import CheckpointError as CheckpointError
from formers.checkpoint.base import Framework as Framework
from formers.checkpoint.index import shard_names as shard_names
from formers.checkpoint.keras_h5 import TF2_WEIGHTS_NAME as TF2_WEIGHTS_NAME
from formers.checkpoint.keras_h5 import write_keras_h5 as write_keras_h5
from formers.checkpoint.opening import fetch_shards as fetch_shards
from formers.checkpoint.opening import open_checkpoint as open_checkpoint
from formers.checkpoint.safetensors import SAFE_WEIGHTS_NAME as SAFE_WEIGHTS_NAME
from formers.checkpoint.safetensors import write_safetensors as write_safetensors
from formers.checkpoint.tf_checkpoint import TF_WEIGHTS_NAME as TF_WEIGHTS_NAME
from formers.checkpoint.torch_bin import WEIGHTS_NAME as WEIGHTS_NAME
from formers.checkpoint.torch_bin import write_torch_bin as write_torch_bin

"""CTRL's PyTorch classes."""
from typing import Any

from torch import Tensor

from formers.backends.torch import PreTrainedModel
from formers.backends.torch.constants import Constant
from formers.backends.torch.modules import TakesNewEmbeddings

from . import FAMILY, classes
from .configuration import CTRL_PRETRAINED_MODEL_ARCHIVE_LIST as CTRL_PRETRAINED_MODEL_ARCHIVE_LIST
from .torch_modules import TREE


class CTRLPreTrainedModel(PreTrainedModel, family=FAMILY):
    """Base of CTRL's classes, and of custom models around a `CTRLModel`."""

    tree = TREE
    base_class_name = "CTRLModel"


class CTRLModel(TakesNewEmbeddings, CTRLPreTrainedModel, public=classes.BASE):
    """CTRL without heads: `last_hidden_state, (past_key_values), (hidden_states), (attentions)`."""

    @property
    def d_model_size(self) -> int:
        """Width of the layers."""
        return self.config.n_embd

    @property
    def num_layers(self) -> int:
        """Number of layers of the configuration."""
        return self.config.n_layer

    @property
    def pos_encoding(self) -> Tensor:
        """The position embeddings, neither parameter nor buffer. *Shape:* `[n_positions, n_embd]`."""
        return self.constants["embeddings.positions"].value

    @pos_encoding.setter
    def pos_encoding(self, value: Tensor) -> None:
        self.constants["embeddings.positions"] = Constant(value)


class CTRLLMHeadModel(CTRLPreTrainedModel, public=classes.LM_HEAD):
    """CTRL as a language model: `(loss), logits, (past_key_values), ...`."""

    def prepare_inputs_for_generation(self, input_ids: Tensor, past: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Return the inputs of a generation step: with `past`, the last token alone. *Shape:* `[batch, seq]`."""
        if past is not None:
            input_ids = input_ids[:, -1:]
        return {"input_ids": input_ids, "past": past, "use_cache": kwargs.get("use_cache")}

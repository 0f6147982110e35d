"""RoBERTa (Liu et al., 2019): BERT whose positions skip padding."""
from formers.architecture import PaddingAware, SingleStack
from formers.families.bert.architecture import encoder

from .configuration import RobertaConfig


def architecture(config: RobertaConfig) -> SingleStack:
    """Return RoBERTa's architecture."""
    return encoder(config, PaddingAware(config.max_position_embeddings, config.pad_token_id))

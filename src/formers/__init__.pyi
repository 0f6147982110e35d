# The public names, one block an owner module; read at run time by lazy_loader.

# configuration, hub, model cards
from .configuration import CONFIG_NAME as CONFIG_NAME
from .configuration import PretrainedConfig as PretrainedConfig
from .families.bert.configuration import BERT_PRETRAINED_CONFIG_ARCHIVE_MAP as BERT_PRETRAINED_CONFIG_ARCHIVE_MAP
from .families.bert.configuration import BertConfig as BertConfig
from .families.distilbert.configuration import (
    DISTILBERT_PRETRAINED_CONFIG_ARCHIVE_MAP as DISTILBERT_PRETRAINED_CONFIG_ARCHIVE_MAP,
)
from .families.distilbert.configuration import DistilBertConfig as DistilBertConfig
from .families.roberta.configuration import (
    ROBERTA_PRETRAINED_CONFIG_ARCHIVE_MAP as ROBERTA_PRETRAINED_CONFIG_ARCHIVE_MAP,
)
from .families.roberta.configuration import RobertaConfig as RobertaConfig
from .frameworks import is_apex_available as is_apex_available
from .frameworks import is_psutil_available as is_psutil_available
from .frameworks import is_py3nvml_available as is_py3nvml_available
from .frameworks import is_tf_available as is_tf_available
from .frameworks import is_torch_available as is_torch_available
from .frameworks import is_torch_tpu_available as is_torch_tpu_available

# auto classes and their tables; the `transformers` alias
from .auto import ALL_PRETRAINED_CONFIG_ARCHIVE_MAP as ALL_PRETRAINED_CONFIG_ARCHIVE_MAP
from .auto import CONFIG_MAPPING as CONFIG_MAPPING
from .auto import MODEL_FOR_CAUSAL_LM_MAPPING as MODEL_FOR_CAUSAL_LM_MAPPING
from .auto import MODEL_FOR_MASKED_LM_MAPPING as MODEL_FOR_MASKED_LM_MAPPING
from .auto import MODEL_FOR_MULTIPLE_CHOICE_MAPPING as MODEL_FOR_MULTIPLE_CHOICE_MAPPING
from .auto import MODEL_FOR_PRETRAINING_MAPPING as MODEL_FOR_PRETRAINING_MAPPING
from .auto import MODEL_FOR_QUESTION_ANSWERING_MAPPING as MODEL_FOR_QUESTION_ANSWERING_MAPPING
from .auto import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING as MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING
from .auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING as MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING
from .auto import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING as MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING
from .auto import MODEL_MAPPING as MODEL_MAPPING
from .auto import MODEL_WITH_LM_HEAD_MAPPING as MODEL_WITH_LM_HEAD_MAPPING
from .auto import TOKENIZER_MAPPING as TOKENIZER_MAPPING
from .auto import AutoConfig as AutoConfig
from .auto import AutoModel as AutoModel
from .auto import AutoModelForCausalLM as AutoModelForCausalLM
from .auto import AutoModelForMaskedLM as AutoModelForMaskedLM
from .auto import AutoModelForMultipleChoice as AutoModelForMultipleChoice
from .auto import AutoModelForPreTraining as AutoModelForPreTraining
from .auto import AutoModelForQuestionAnswering as AutoModelForQuestionAnswering
from .auto import AutoModelForSeq2SeqLM as AutoModelForSeq2SeqLM
from .auto import AutoModelForSequenceClassification as AutoModelForSequenceClassification
from .auto import AutoModelForTokenClassification as AutoModelForTokenClassification
from .auto import AutoModelWithLMHead as AutoModelWithLMHead
from .auto import AutoTokenizer as AutoTokenizer
from .compat import as_transformers as as_transformers

__version__: str

# The public names, one block an owner module; read at run time by lazy_loader.

# configuration, hub, model cards
from .checkpoint import TF2_WEIGHTS_NAME as TF2_WEIGHTS_NAME
from .checkpoint import TF_WEIGHTS_NAME as TF_WEIGHTS_NAME
from .checkpoint import WEIGHTS_NAME as WEIGHTS_NAME
from .checkpoint import CheckpointError as CheckpointError
from .checkpoint import open_checkpoint as open_checkpoint
from .configuration import CONFIG_NAME as CONFIG_NAME
from .configuration import PretrainedConfig as PretrainedConfig
from .docstrings import add_end_docstrings as add_end_docstrings
from .docstrings import add_start_docstrings as add_start_docstrings
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
from .frameworks import tf_required as tf_required
from .frameworks import torch_required as torch_required
from .hub import PYTORCH_PRETRAINED_BERT_CACHE as PYTORCH_PRETRAINED_BERT_CACHE
from .hub import PYTORCH_TRANSFORMERS_CACHE as PYTORCH_TRANSFORMERS_CACHE
from .hub import TRANSFORMERS_CACHE as TRANSFORMERS_CACHE
from .modelcard import MODEL_CARD_NAME as MODEL_CARD_NAME
from .modelcard import ModelCard as ModelCard
from .url_cache import cached_path as cached_path
from .url_cache import filename_to_url as filename_to_url
from .url_cache import hf_bucket_url as hf_bucket_url
from .url_cache import is_remote_url as is_remote_url
from .url_cache import url_to_filename as url_to_filename

# auto classes and their tables; the `transformers` alias
from .auto.tables import ALL_PRETRAINED_CONFIG_ARCHIVE_MAP as ALL_PRETRAINED_CONFIG_ARCHIVE_MAP
from .auto.tables import CONFIG_MAPPING as CONFIG_MAPPING
from .auto.tables import MODEL_FOR_CAUSAL_LM_MAPPING as MODEL_FOR_CAUSAL_LM_MAPPING
from .auto.tables import MODEL_FOR_MASKED_LM_MAPPING as MODEL_FOR_MASKED_LM_MAPPING
from .auto.tables import MODEL_FOR_MULTIPLE_CHOICE_MAPPING as MODEL_FOR_MULTIPLE_CHOICE_MAPPING
from .auto.tables import MODEL_FOR_PRETRAINING_MAPPING as MODEL_FOR_PRETRAINING_MAPPING
from .auto.tables import MODEL_FOR_QUESTION_ANSWERING_MAPPING as MODEL_FOR_QUESTION_ANSWERING_MAPPING
from .auto.tables import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING as MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING
from .auto.tables import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING as MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING
from .auto.tables import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING as MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING
from .auto.tables import MODEL_MAPPING as MODEL_MAPPING
from .auto.tables import MODEL_WITH_LM_HEAD_MAPPING as MODEL_WITH_LM_HEAD_MAPPING
from .auto.tables import TF_MODEL_FOR_CAUSAL_LM_MAPPING as TF_MODEL_FOR_CAUSAL_LM_MAPPING
from .auto.tables import TF_MODEL_FOR_MASKED_LM_MAPPING as TF_MODEL_FOR_MASKED_LM_MAPPING
from .auto.tables import TF_MODEL_FOR_MULTIPLE_CHOICE_MAPPING as TF_MODEL_FOR_MULTIPLE_CHOICE_MAPPING
from .auto.tables import TF_MODEL_FOR_PRETRAINING_MAPPING as TF_MODEL_FOR_PRETRAINING_MAPPING
from .auto.tables import TF_MODEL_FOR_QUESTION_ANSWERING_MAPPING as TF_MODEL_FOR_QUESTION_ANSWERING_MAPPING
from .auto.tables import TF_MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING as TF_MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING
from .auto.tables import TF_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING as TF_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING
from .auto.tables import TF_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING as TF_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING
from .auto.tables import TF_MODEL_MAPPING as TF_MODEL_MAPPING
from .auto.tables import TF_MODEL_WITH_LM_HEAD_MAPPING as TF_MODEL_WITH_LM_HEAD_MAPPING
from .auto.tables import TOKENIZER_MAPPING as TOKENIZER_MAPPING
from .auto.classes import AutoConfig as AutoConfig
from .auto.classes import AutoModel as AutoModel
from .auto.classes import AutoModelForCausalLM as AutoModelForCausalLM
from .auto.classes import AutoModelForMaskedLM as AutoModelForMaskedLM
from .auto.classes import AutoModelForMultipleChoice as AutoModelForMultipleChoice
from .auto.classes import AutoModelForPreTraining as AutoModelForPreTraining
from .auto.classes import AutoModelForQuestionAnswering as AutoModelForQuestionAnswering
from .auto.classes import AutoModelForSeq2SeqLM as AutoModelForSeq2SeqLM
from .auto.classes import AutoModelForSequenceClassification as AutoModelForSequenceClassification
from .auto.classes import AutoModelForTokenClassification as AutoModelForTokenClassification
from .auto.classes import AutoModelWithLMHead as AutoModelWithLMHead
from .auto.classes import AutoTokenizer as AutoTokenizer
from .auto.classes import TFAutoModel as TFAutoModel
from .auto.classes import TFAutoModelForCausalLM as TFAutoModelForCausalLM
from .auto.classes import TFAutoModelForMaskedLM as TFAutoModelForMaskedLM
from .auto.classes import TFAutoModelForMultipleChoice as TFAutoModelForMultipleChoice
from .auto.classes import TFAutoModelForPreTraining as TFAutoModelForPreTraining
from .auto.classes import TFAutoModelForQuestionAnswering as TFAutoModelForQuestionAnswering
from .auto.classes import TFAutoModelForSeq2SeqLM as TFAutoModelForSeq2SeqLM
from .auto.classes import TFAutoModelForSequenceClassification as TFAutoModelForSequenceClassification
from .auto.classes import TFAutoModelForTokenClassification as TFAutoModelForTokenClassification
from .auto.classes import TFAutoModelWithLMHead as TFAutoModelWithLMHead
from .compat import as_transformers as as_transformers

# models (PyTorch)
from .families.bert.torch_models import BERT_PRETRAINED_MODEL_ARCHIVE_LIST as BERT_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.bert.torch_models import BertForMaskedLM as BertForMaskedLM
from .families.bert.torch_models import BertForMultipleChoice as BertForMultipleChoice
from .families.bert.torch_models import BertForNextSentencePrediction as BertForNextSentencePrediction
from .families.bert.torch_models import BertForPreTraining as BertForPreTraining
from .families.bert.torch_models import BertForQuestionAnswering as BertForQuestionAnswering
from .families.bert.torch_models import BertForSequenceClassification as BertForSequenceClassification
from .families.bert.torch_models import BertForTokenClassification as BertForTokenClassification
from .families.bert.torch_models import BertLMHeadModel as BertLMHeadModel
from .families.bert.torch_modules import BertLayer as BertLayer
from .families.bert.torch_models import BertModel as BertModel
from .families.bert.torch_models import BertPreTrainedModel as BertPreTrainedModel
from .families.bert.torch_models import load_tf_weights_in_bert as load_tf_weights_in_bert
from .families.roberta.torch_models import ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST as ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.roberta.torch_models import RobertaForMaskedLM as RobertaForMaskedLM
from .families.roberta.torch_models import RobertaForMultipleChoice as RobertaForMultipleChoice
from .families.roberta.torch_models import RobertaForQuestionAnswering as RobertaForQuestionAnswering
from .families.roberta.torch_models import RobertaForSequenceClassification as RobertaForSequenceClassification
from .families.roberta.torch_models import RobertaForTokenClassification as RobertaForTokenClassification
from .families.roberta.torch_models import RobertaModel as RobertaModel
from .families.distilbert.torch_models import DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST as DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.distilbert.torch_models import DistilBertForMaskedLM as DistilBertForMaskedLM
from .families.distilbert.torch_models import DistilBertForMultipleChoice as DistilBertForMultipleChoice
from .families.distilbert.torch_models import DistilBertForQuestionAnswering as DistilBertForQuestionAnswering
from .families.distilbert.torch_models import DistilBertForSequenceClassification as DistilBertForSequenceClassification
from .families.distilbert.torch_models import DistilBertForTokenClassification as DistilBertForTokenClassification
from .families.distilbert.torch_models import DistilBertModel as DistilBertModel
from .families.distilbert.torch_models import DistilBertPreTrainedModel as DistilBertPreTrainedModel
from .backends.torch.model import PreTrainedModel as PreTrainedModel
from .backends.torch.pruning import Conv1D as Conv1D
from .backends.torch.pruning import prune_layer as prune_layer
from .backends.torch.chunking import apply_chunking_to_forward as apply_chunking_to_forward

# decoder and encoder-decoder families, generation (PyTorch)
from .families.gpt2.configuration import GPT2_PRETRAINED_CONFIG_ARCHIVE_MAP as GPT2_PRETRAINED_CONFIG_ARCHIVE_MAP
from .families.gpt2.configuration import GPT2Config as GPT2Config
from .families.gpt2.torch_models import GPT2_PRETRAINED_MODEL_ARCHIVE_LIST as GPT2_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.gpt2.torch_models import GPT2DoubleHeadsModel as GPT2DoubleHeadsModel
from .families.gpt2.torch_models import GPT2LMHeadModel as GPT2LMHeadModel
from .families.gpt2.torch_models import GPT2Model as GPT2Model
from .families.gpt2.torch_models import GPT2PreTrainedModel as GPT2PreTrainedModel
from .families.gpt2.torch_models import load_tf_weights_in_gpt2 as load_tf_weights_in_gpt2
from .families.openai_gpt.configuration import OPENAI_GPT_PRETRAINED_CONFIG_ARCHIVE_MAP as OPENAI_GPT_PRETRAINED_CONFIG_ARCHIVE_MAP
from .families.openai_gpt.configuration import OpenAIGPTConfig as OpenAIGPTConfig
from .families.openai_gpt.torch_models import OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST as OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.openai_gpt.torch_models import OpenAIGPTDoubleHeadsModel as OpenAIGPTDoubleHeadsModel
from .families.openai_gpt.torch_models import OpenAIGPTLMHeadModel as OpenAIGPTLMHeadModel
from .families.openai_gpt.torch_models import OpenAIGPTModel as OpenAIGPTModel
from .families.openai_gpt.torch_models import OpenAIGPTPreTrainedModel as OpenAIGPTPreTrainedModel
from .families.openai_gpt.torch_models import load_tf_weights_in_openai_gpt as load_tf_weights_in_openai_gpt
from .families.ctrl.configuration import CTRL_PRETRAINED_CONFIG_ARCHIVE_MAP as CTRL_PRETRAINED_CONFIG_ARCHIVE_MAP
from .families.ctrl.configuration import CTRLConfig as CTRLConfig
from .families.ctrl.torch_models import CTRL_PRETRAINED_MODEL_ARCHIVE_LIST as CTRL_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.ctrl.torch_models import CTRLLMHeadModel as CTRLLMHeadModel
from .families.ctrl.torch_models import CTRLModel as CTRLModel
from .families.ctrl.torch_models import CTRLPreTrainedModel as CTRLPreTrainedModel
from .families.bart.configuration import BartConfig as BartConfig
from .families.bart.torch_models import BART_PRETRAINED_MODEL_ARCHIVE_LIST as BART_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.bart.torch_models import BartForConditionalGeneration as BartForConditionalGeneration
from .families.bart.torch_models import BartForQuestionAnswering as BartForQuestionAnswering
from .families.bart.torch_models import BartForSequenceClassification as BartForSequenceClassification
from .families.bart.torch_models import BartModel as BartModel
from .families.bart.torch_models import PretrainedBartModel as PretrainedBartModel
from .families.mbart.configuration import MBartConfig as MBartConfig
from .families.marian.configuration import MarianConfig as MarianConfig
from .families.marian.torch_models import MarianMTModel as MarianMTModel
from .families.t5.configuration import T5_PRETRAINED_CONFIG_ARCHIVE_MAP as T5_PRETRAINED_CONFIG_ARCHIVE_MAP
from .families.t5.configuration import T5Config as T5Config
from .families.t5.torch_models import T5_PRETRAINED_MODEL_ARCHIVE_LIST as T5_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.t5.torch_models import T5ForConditionalGeneration as T5ForConditionalGeneration
from .families.t5.torch_models import T5Model as T5Model
from .families.t5.torch_models import T5PreTrainedModel as T5PreTrainedModel
from .families.t5.torch_models import load_tf_weights_in_t5 as load_tf_weights_in_t5
from .families.encoder_decoder.configuration import EncoderDecoderConfig as EncoderDecoderConfig
from .families.encoder_decoder.torch_models import EncoderDecoderModel as EncoderDecoderModel
from .backends.torch.generating import top_k_top_p_filtering as top_k_top_p_filtering
from .generation.errors import GenerationError as GenerationError
from .generation.streamers import TextIteratorStreamer as TextIteratorStreamer
from .generation.streamers import TextStreamer as TextStreamer

# pipelines
from .pipelines import CsvPipelineDataFormat as CsvPipelineDataFormat
from .pipelines import FeatureExtractionPipeline as FeatureExtractionPipeline
from .pipelines import FillMaskPipeline as FillMaskPipeline
from .pipelines import JsonPipelineDataFormat as JsonPipelineDataFormat
from .pipelines import NerPipeline as NerPipeline
from .pipelines import PipedPipelineDataFormat as PipedPipelineDataFormat
from .pipelines import Pipeline as Pipeline
from .pipelines import PipelineDataFormat as PipelineDataFormat
from .pipelines import QuestionAnsweringPipeline as QuestionAnsweringPipeline
from .pipelines import SummarizationPipeline as SummarizationPipeline
from .pipelines import Text2TextGenerationPipeline as Text2TextGenerationPipeline
from .pipelines import TextClassificationPipeline as TextClassificationPipeline
from .pipelines import TextGenerationPipeline as TextGenerationPipeline
from .pipelines import TokenClassificationPipeline as TokenClassificationPipeline
from .pipelines import TranslationPipeline as TranslationPipeline
from .pipelines import pipeline as pipeline
from .data.squad import SquadExample as SquadExample

# tokenizers
from .families.bert.tokenization import BasicTokenizer as BasicTokenizer
from .families.bert.tokenization import BertTokenizer as BertTokenizer
from .families.bert.tokenization import BertTokenizerFast as BertTokenizerFast
from .families.bert.tokenization import WordpieceTokenizer as WordpieceTokenizer
from .families.bart.tokenization import BartTokenizer as BartTokenizer
from .families.bart.tokenization import BartTokenizerFast as BartTokenizerFast
from .families.ctrl.tokenization import CTRLTokenizer as CTRLTokenizer
from .families.distilbert.tokenization import DistilBertTokenizer as DistilBertTokenizer
from .families.distilbert.tokenization import DistilBertTokenizerFast as DistilBertTokenizerFast
from .families.gpt2.tokenization import GPT2Tokenizer as GPT2Tokenizer
from .families.gpt2.tokenization import GPT2TokenizerFast as GPT2TokenizerFast
from .families.marian.tokenization import MarianTokenizer as MarianTokenizer
from .families.mbart.tokenization import MBartTokenizer as MBartTokenizer
from .families.openai_gpt.tokenization import OpenAIGPTTokenizer as OpenAIGPTTokenizer
from .families.openai_gpt.tokenization import OpenAIGPTTokenizerFast as OpenAIGPTTokenizerFast
from .families.t5.tokenization import T5Tokenizer as T5Tokenizer
from .families.roberta.tokenization import RobertaTokenizer as RobertaTokenizer
from .families.roberta.tokenization import RobertaTokenizerFast as RobertaTokenizerFast
from .tokenization.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from .tokenization.batch_encoding import BatchEncoding as BatchEncoding
from .tokenization.fast import PreTrainedTokenizerFast as PreTrainedTokenizerFast
from .tokenization.python import PreTrainedTokenizer as PreTrainedTokenizer
from .tokenization.special_tokens import SpecialTokensMixin as SpecialTokensMixin
from .tokenization.types import AddedToken as AddedToken
from .tokenization.types import CharSpan as CharSpan
from .tokenization.types import PaddingStrategy as PaddingStrategy
from .tokenization.types import TensorType as TensorType
from .tokenization.types import TokenSpan as TokenSpan
from .tokenization.types import TruncationStrategy as TruncationStrategy

__version__: str

# models (Keras)
from .backends.keras.embeddings import TFSharedEmbeddings as TFSharedEmbeddings
from .backends.keras.generating import tf_top_k_top_p_filtering as tf_top_k_top_p_filtering
from .backends.keras.model import TFPreTrainedModel as TFPreTrainedModel
from .backends.keras.documented import shape_list as shape_list
from .backends.keras.summary import TFSequenceSummary as TFSequenceSummary
from .conversion import convert_tf_weight_name_to_pt_weight_name as convert_tf_weight_name_to_pt_weight_name
from .conversion import load_pytorch_checkpoint_in_tf2_model as load_pytorch_checkpoint_in_tf2_model
from .conversion import load_pytorch_model_in_tf2_model as load_pytorch_model_in_tf2_model
from .conversion import load_pytorch_weights_in_tf2_model as load_pytorch_weights_in_tf2_model
from .conversion import load_tf2_checkpoint_in_pytorch_model as load_tf2_checkpoint_in_pytorch_model
from .conversion import load_tf2_model_in_pytorch_model as load_tf2_model_in_pytorch_model
from .conversion import load_tf2_weights_in_pytorch_model as load_tf2_weights_in_pytorch_model
from .families.bert.keras_models import TF_BERT_PRETRAINED_MODEL_ARCHIVE_LIST as TF_BERT_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.bert.keras_models import TFBertEmbeddings as TFBertEmbeddings
from .families.bert.keras_models import TFBertForMaskedLM as TFBertForMaskedLM
from .families.bert.keras_models import TFBertForMultipleChoice as TFBertForMultipleChoice
from .families.bert.keras_models import TFBertForNextSentencePrediction as TFBertForNextSentencePrediction
from .families.bert.keras_models import TFBertForPreTraining as TFBertForPreTraining
from .families.bert.keras_models import TFBertForQuestionAnswering as TFBertForQuestionAnswering
from .families.bert.keras_models import TFBertForSequenceClassification as TFBertForSequenceClassification
from .families.bert.keras_models import TFBertForTokenClassification as TFBertForTokenClassification
from .families.bert.keras_models import TFBertMainLayer as TFBertMainLayer
from .families.bert.keras_models import TFBertModel as TFBertModel
from .families.bert.keras_models import TFBertPreTrainedModel as TFBertPreTrainedModel
from .families.distilbert.keras_models import (
    TF_DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST as TF_DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST,
)
from .families.distilbert.keras_models import TFDistilBertForMaskedLM as TFDistilBertForMaskedLM
from .families.distilbert.keras_models import TFDistilBertForMultipleChoice as TFDistilBertForMultipleChoice
from .families.distilbert.keras_models import TFDistilBertForQuestionAnswering as TFDistilBertForQuestionAnswering
from .families.distilbert.keras_models import (
    TFDistilBertForSequenceClassification as TFDistilBertForSequenceClassification,
)
from .families.distilbert.keras_models import TFDistilBertForTokenClassification as TFDistilBertForTokenClassification
from .families.distilbert.keras_models import TFDistilBertMainLayer as TFDistilBertMainLayer
from .families.distilbert.keras_models import TFDistilBertModel as TFDistilBertModel
from .families.distilbert.keras_models import TFDistilBertPreTrainedModel as TFDistilBertPreTrainedModel
from .families.roberta.keras_models import (
    TF_ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST as TF_ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST,
)
from .families.roberta.keras_models import TFRobertaForMaskedLM as TFRobertaForMaskedLM
from .families.roberta.keras_models import TFRobertaForMultipleChoice as TFRobertaForMultipleChoice
from .families.roberta.keras_models import TFRobertaForQuestionAnswering as TFRobertaForQuestionAnswering
from .families.roberta.keras_models import TFRobertaForSequenceClassification as TFRobertaForSequenceClassification
from .families.roberta.keras_models import TFRobertaForTokenClassification as TFRobertaForTokenClassification
from .families.roberta.keras_models import TFRobertaMainLayer as TFRobertaMainLayer
from .families.roberta.keras_models import TFRobertaModel as TFRobertaModel
from .families.roberta.keras_models import TFRobertaPreTrainedModel as TFRobertaPreTrainedModel

# decoder and encoder-decoder families (Keras)
from .families.bart.keras_models import TFBartForConditionalGeneration as TFBartForConditionalGeneration
from .families.bart.keras_models import TFBartForQuestionAnswering as TFBartForQuestionAnswering
from .families.bart.keras_models import TFBartForSequenceClassification as TFBartForSequenceClassification
from .families.bart.keras_models import TFBartMainLayer as TFBartMainLayer
from .families.bart.keras_models import TFBartModel as TFBartModel
from .families.bart.keras_models import TFBartPreTrainedModel as TFBartPreTrainedModel
from .families.marian.keras_models import TFMarianMTModel as TFMarianMTModel
from .families.ctrl.keras_models import TF_CTRL_PRETRAINED_MODEL_ARCHIVE_LIST as TF_CTRL_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.ctrl.keras_models import TFCTRLLMHeadModel as TFCTRLLMHeadModel
from .families.ctrl.keras_models import TFCTRLModel as TFCTRLModel
from .families.ctrl.keras_models import TFCTRLPreTrainedModel as TFCTRLPreTrainedModel
from .families.gpt2.keras_models import TF_GPT2_PRETRAINED_MODEL_ARCHIVE_LIST as TF_GPT2_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.gpt2.keras_models import TFGPT2DoubleHeadsModel as TFGPT2DoubleHeadsModel
from .families.gpt2.keras_models import TFGPT2LMHeadModel as TFGPT2LMHeadModel
from .families.gpt2.keras_models import TFGPT2MainLayer as TFGPT2MainLayer
from .families.gpt2.keras_models import TFGPT2Model as TFGPT2Model
from .families.gpt2.keras_models import TFGPT2PreTrainedModel as TFGPT2PreTrainedModel
from .families.openai_gpt.keras_models import TF_OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST as TF_OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.openai_gpt.keras_models import TFOpenAIGPTDoubleHeadsModel as TFOpenAIGPTDoubleHeadsModel
from .families.openai_gpt.keras_models import TFOpenAIGPTLMHeadModel as TFOpenAIGPTLMHeadModel
from .families.openai_gpt.keras_models import TFOpenAIGPTMainLayer as TFOpenAIGPTMainLayer
from .families.openai_gpt.keras_models import TFOpenAIGPTModel as TFOpenAIGPTModel
from .families.openai_gpt.keras_models import TFOpenAIGPTPreTrainedModel as TFOpenAIGPTPreTrainedModel
from .families.t5.keras_models import TF_T5_PRETRAINED_MODEL_ARCHIVE_LIST as TF_T5_PRETRAINED_MODEL_ARCHIVE_LIST
from .families.t5.keras_models import TFT5ForConditionalGeneration as TFT5ForConditionalGeneration
from .families.t5.keras_models import TFT5Model as TFT5Model
from .families.t5.keras_models import TFT5PreTrainedModel as TFT5PreTrainedModel

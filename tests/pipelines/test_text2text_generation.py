"""Text to text: an encoder reads a text, a decoder writes another."""

import formers
from formers.pipelines.text2text_generation import Text2TextGenerationPipeline

from .generating import DOCUMENTS, FOLDER


def test_a_pair_of_encoder_and_decoder_writes(nlp):
    folder = str(FOLDER / "fill_bert")
    model = formers.EncoderDecoderModel.from_encoder_decoder_pretrained(folder, folder)
    tokenizer = formers.BertTokenizer.from_pretrained(folder)
    write = Text2TextGenerationPipeline(model, tokenizer)
    options = {"decoder_start_token_id": tokenizer.cls_token_id, "max_length": 6}
    options |= {"eos_token_id": tokenizer.sep_token_id, "pad_token_id": tokenizer.pad_token_id}
    together = write(DOCUMENTS[:2], **options)
    assert together == [record for text in DOCUMENTS[:2] for record in write(text, **options)]

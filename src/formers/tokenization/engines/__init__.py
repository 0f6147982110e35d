"""Engines: `tokenizers.Tokenizer` objects, and what they are made from and wrapped in.

* `vocabularies`: vocabulary files. `wordpiece`, `byte_pairs`, `sentencepiece`: engines of the three kinds.
* `sentencepiece_model`, `charsmap`: the files of SentencePiece, and its normalization rules.
* `running`: texts through an engine; `words`: the memory that makes batches quick.
* `added`: tokens that were added to an engine.
"""

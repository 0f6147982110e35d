"""GPT-2. So far its tokenizer, which RoBERTa builds on."""

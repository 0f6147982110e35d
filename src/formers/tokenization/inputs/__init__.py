"""Token ids to model inputs: functions on ids, options and an `InputFormat`, which know no tokenizer.

* `arguments`: the arguments of a tokenizer call and their defaults; `options`: these, checked and worked out.
* `layout`: where special tokens go; `truncation`, `padding`: what the names say; `format`: all three of a tokenizer.
* `assembly`: from token ids to `input_ids`, `attention_mask` and so on; `tensors`: lists to tensors.
* `checking`: the forms in which texts may be given.
"""

"""What CTRL's model classes take and which heads they have: GPT-2's, with a bias for every token."""
from dataclasses import replace

from formers.families.gpt2.tasks import BASE as BASE
from formers.families.gpt2.tasks import LM_HEAD as GPT2_LM_HEAD
from formers.families.gpt2.tasks import vocabulary_head

LM_HEAD = replace(GPT2_LM_HEAD, heads=lambda config: (vocabulary_head(bias="lm_head.bias"),))

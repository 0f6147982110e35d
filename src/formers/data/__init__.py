"""Data: examples of the tasks and what is made of them for training and evaluation."""

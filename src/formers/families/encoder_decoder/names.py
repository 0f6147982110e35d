"""Names in the files of a model made of two: those of the parts, after `encoder.` and `decoder.`."""
from formers.architecture.names import NameTable

NAMES = NameTable("", ignored=(r"\.position_ids$",))

"""Files of models: from a local folder, from the cache, or from the model hub.

`huggingface_hub` does the downloading and owns the layout of the cache. What is here decides where the cache is,
when the network may be asked, and what a failure means to the user:

* a file that is in the cache is used from there, and no network is touched (`force_download=True` fetches it again);
* `HF_HUB_OFFLINE=1`, `TRANSFORMERS_OFFLINE=1` and `local_files_only=True` never touch the network;
* an unreachable hub is noticed at the first try, not after a series of them.
"""

from formers.hub.environment import PYTORCH_PRETRAINED_BERT_CACHE as PYTORCH_PRETRAINED_BERT_CACHE
from formers.hub.environment import PYTORCH_TRANSFORMERS_CACHE as PYTORCH_TRANSFORMERS_CACHE
from formers.hub.environment import TRANSFORMERS_CACHE as TRANSFORMERS_CACHE
from formers.hub.environment import cache_folder as cache_folder
from formers.hub.environment import endpoint as endpoint
from formers.hub.environment import is_offline as is_offline
from formers.hub.environment import why_offline as why_offline
from formers.hub.errors import HubError as HubError
from formers.hub.errors import HubNotFoundError as HubNotFoundError
from formers.hub.errors import HubOfflineError as HubOfflineError
from formers.hub.errors import HubUnauthorizedError as HubUnauthorizedError
from formers.hub.errors import HubUnreachableError as HubUnreachableError
from formers.hub.errors import MissingFileError as MissingFileError
from formers.hub.files import cached_file as cached_file
from formers.hub.files import find_file as find_file
from formers.hub.files import split_hub_kwargs as split_hub_kwargs
from formers.hub.names import path_or_name as path_or_name
from formers.hub.proxies import proxied as proxied

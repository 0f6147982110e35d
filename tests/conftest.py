"""What holds for the whole suite, in one process or in several (`pytest -n 2`)."""

import os

# The models of the tests are tiny, so threads would only wait for each other, the more so with a process on every
# core. The frameworks read these when they are imported; processes that tests start inherit them.
for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

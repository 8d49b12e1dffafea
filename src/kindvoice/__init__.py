"""kindvoice turns a written meditation into a finished recording, offline."""

import os

# From 1.29 on onnxruntime reports its use to its maker unless this is set before it is loaded. People's
# phrases are private and kindvoice is offline: nothing leaves the computer.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"

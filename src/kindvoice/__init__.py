"""kindvoice turns a written meditation into a finished recording, offline."""

__version__ = "0.1.0"

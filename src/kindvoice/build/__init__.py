"""A request to a finished recording."""

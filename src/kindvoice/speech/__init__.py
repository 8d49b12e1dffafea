"""Timeline to clips: voices, how words are written for them, and the speaking itself."""

"""The studio: pages where participants make their own recordings, and teachers work on scripts."""

"""A finished recording to what goes out: manifest, captions, cover, page, feed, picture."""

"""Many people at once at a real studio, which is killed midway: `scripts/bench --studio`, and in short
tests/studio/test_crowd.py.

Everybody has cookies of their own and wishes with a made-up word that nobody else has, so that any word of another's is
found wherever it turns up.
"""

from crowd.notes import word, words_in
from crowd.server import Server
from crowd.story import gather, studio, told

__all__ = ["Server", "gather", "studio", "told", "word", "words_in"]

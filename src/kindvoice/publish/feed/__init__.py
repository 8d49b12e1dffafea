"""Finished recordings to a podcast feed: RSS 2.0 with the tags of Apple and of Podcasting 2.0.

The feed lies in the folder that is put on a web server as it is; every address in it is the show's address and
the file's place in that folder. The same files and the same show give the same bytes.
"""

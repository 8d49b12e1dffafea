"""Proof by loops: every operation with each of its calls failing, killed at any moment, without power.

`scripts/faults` and `scripts/kills` run them; the tests run a few.
"""

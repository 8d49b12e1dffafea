"""Schedule to samples: bells, beds, the mix, levels, and what a finished file measures."""

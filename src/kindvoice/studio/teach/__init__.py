"""The pages of teachers."""

"""Script to schedule: what is heard in which order, and when, to the frame."""

"""For the morning."""
SCRIPT = [
    ("Find a place to sit.", 5),  # seconds
    ("Feel your feet. " "Feel the floor.", 10),
]
print(SCRIPT)

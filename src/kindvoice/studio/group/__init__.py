"""A teacher's courses for their groups: what a plan file says, made person by person, each behind a link of its own."""

"""Many builds: courses, participants, languages."""

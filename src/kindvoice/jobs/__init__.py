"""Many builds: run, kept in a state, resumed, forgotten."""

"""What a host needs: the queue, its workers, limits, sessions, secrets."""

"""Memory and handles outside the heap."""

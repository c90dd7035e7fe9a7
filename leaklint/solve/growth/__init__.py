"""What only grows: tables, caches, registries, and removals that take nothing out."""

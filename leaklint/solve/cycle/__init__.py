"""Objects that keep themselves, and weak structures that do not let go."""

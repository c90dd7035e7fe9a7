"""Python: what is attached to something that lives longer."""

"""What tells that the keys of a site are few: their types, their names, the limits of numbers."""

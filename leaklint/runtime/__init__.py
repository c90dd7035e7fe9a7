"""Runs suspects and watches processes: what static analysis only supposes is measured here."""

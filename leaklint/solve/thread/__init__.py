"""What threads, workers and their locals keep."""

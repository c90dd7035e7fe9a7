"""Node: drivers, and the agent that runs them in a fresh process."""

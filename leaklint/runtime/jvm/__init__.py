"""The JVM: drivers, and the agent that compiles, runs and reads them."""

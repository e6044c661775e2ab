"""What ships for tests of projects and of the runtime: far ends on a clock, scripted voices, a bad provider."""

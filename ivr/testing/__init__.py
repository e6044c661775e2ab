"""What ships for tests of projects and of the runtime: clocked far ends, scripted voices, a provider that misbehaves."""

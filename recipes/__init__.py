"""Scripts that make the bundled starter checkpoints, from packages that are downloaded by name."""

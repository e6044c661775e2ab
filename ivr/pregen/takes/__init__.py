"""What a person recorded: read as it stands, and judged before it becomes a clip (docs/recordings.md)."""

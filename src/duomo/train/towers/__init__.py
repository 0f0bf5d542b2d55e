"""The networks that turn words and pictures into vectors."""

"""Turns goods and questions into vectors."""

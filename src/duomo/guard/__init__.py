"""What may come in and what must not get out."""

"""Takes the goods in."""

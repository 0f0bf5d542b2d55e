"""The parts of sudden_death.py: small shops, moments to die at, work that dies, and a reader beside it."""

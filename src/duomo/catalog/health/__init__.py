"""What is wrong with the goods, by kind, and what each kind costs the shop."""

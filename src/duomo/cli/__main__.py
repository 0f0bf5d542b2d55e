"""python -m duomo.cli: the command line."""

from duomo.cli.main import main

main()

"""python -m duomo: the command line."""

from duomo.cli.main import main

if __name__ == "__main__":  # a worker process imports this module again
    main()

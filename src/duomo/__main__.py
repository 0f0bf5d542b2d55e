"""python -m duomo: the command line; the command `duomo` begins here, too."""


def run() -> None:
    """Run the command line.

    Imported here and not above: a worker process imports this module again, and needs none of it.
    """
    from duomo.cli.main import main

    main()


if __name__ == "__main__":
    run()

"""The processes of a round: `python -m deaths nursery` and `python -m deaths asking`, in benchmarks/."""

import sys

# Each is imported where it is wanted: the workers of a build read this file, too.
if sys.argv[1:2] == ["asking"]:
    from deaths.asking import main
elif sys.argv[1:2] == ["nursery"]:
    from deaths.nursery import main
else:
    from deaths.work import main

if __name__ == "__main__":
    main(sys.argv[2:])

"""`python -m gradreel COMMAND` is the same as `gradreel COMMAND`."""

from gradreel.cli import main

main()

"""Run the command line as `python -m partimento`."""

from partimento.cli.main import run

if __name__ == "__main__":
    run()

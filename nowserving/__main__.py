"""`python -m nowserving`."""

from nowserving.main.cli import main

main()

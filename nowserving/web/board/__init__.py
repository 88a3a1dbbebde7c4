"""The board: who is called, on the wall of the waiting room, seen and heard."""

from nowserving.web.board.routes import DOOR

__all__ = ["DOOR"]

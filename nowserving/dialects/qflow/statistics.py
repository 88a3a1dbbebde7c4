"""Statistics of units, in seconds (reference/qflow.md 2.8)."""

from typing import Any

from nowserving.actions.figures import UnitFigures, unit_figures
from nowserving.dialects.qflow.ask import Ask
from nowserving.dialects.qflow.models import STATISTICS_QUERY
from nowserving.places.directory import Directory


async def units(ask: Ask) -> Any:
    """The units with their figures, of one type, level or parent where that is asked for."""
    given = ask.query(STATISTICS_QUERY)
    async with ask.acting() as act:
        directory = await act.directory()
        said = [_say(directory, one) for one in await unit_figures(act)]
    wanted = {
        "UnitTypeId": given.maybe("UnitType"),
        "UnitLevel": given.maybe("UnitLevel"),
        "ParentUnitId": given.maybe("ParentUnitId"),
    }
    asked = {name: value for name, value in wanted.items() if value is not None}
    return [one for one in said if all(one[name] == value for name, value in asked.items())]


def _say(directory: Directory, figures: UnitFigures) -> dict[str, Any]:
    unit, today = figures.unit, figures.today
    kind = directory.codes.get(unit.type_id) if unit.type_id else None
    parent = directory.units.get(unit.parent_id) if unit.parent_id else None
    return {
        "UnitId": unit.number,
        "UnitName": unit.name[:50],
        "UnitDescription": unit.address[:250],
        "UnitTypeId": kind.number if kind else 0,
        "ParentUnitId": parent.number if parent else 0,
        "UnitLevel": figures.level,
        "ServiceCount": figures.serving,
        "AvgServiceTime": _average(figures.serving_seconds, figures.serving),
        "WaitCount": figures.waiting,
        "AvgWaitTime": _average(figures.waiting_seconds, figures.waiting),
        "UsersAvail": figures.free,
        "LocationsInUse": figures.seated,
        "Locations": figures.desks,
        "TodayCount": today.came,
        "TodayServiceCount": today.served,
        "TodayWaitCount": today.waited,
        "TodayAbandonCount": today.abandoned,
        "TodayAvgWaitTime": _average(today.wait_seconds, today.waited),
        "TodayAvgServiceTime": _average(today.service_seconds, today.timed),
        "TodaySLA": today.in_target,
        "IsInWorkHours": figures.at_work,
        "WaitingTimeTarget": unit.wait_target * 60,
    }


def _average(seconds: float, count: int) -> int:
    return round(seconds / count) if count else 0

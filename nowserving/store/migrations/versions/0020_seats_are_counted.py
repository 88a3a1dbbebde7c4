"""seats are counted: the databases refuse an appointment or a hold that no counter knows of."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Of a slot: who sits in it, and who came on top. With `taken <= capacity + spare` nobody can
# be seated beyond what there is, whatever program writes (docs/decisions/0034).
_IN_SLOT = """
    r.organization_id = s.organization_id and r.calendar_id = s.calendar_id
    and r.start < s.tick + c.grain and r.start + r.minutes > s.tick
"""
_SEATED = f"""
    (select count(*) from appointments r
     where {_IN_SLOT} and r.released_at is null and not r.forced)
    + (select count(*) from holds r where {_IN_SLOT})
"""
_ON_TOP = f"""
    (select count(*) from appointments r
     where {_IN_SLOT} and r.released_at is null and r.forced)
"""
_SLOTS = (
    "calendars c join slots s on s.organization_id = c.organization_id and s.calendar_id = c.id"
)
_UNCOUNTED = f"(s.taken < {_SEATED} or s.forced < {_ON_TOP})"


def _wrong(new: str) -> str:
    """Whether something new is in no slot, or in one whose counter does not know of it."""
    here = f"c.organization_id = {new}.organization_id and c.id = {new}.calendar_id"
    return f"""
    not exists (
      select 1 from {_SLOTS}
      where {here} and s.tick <= {new}.start and s.tick + c.grain > {new}.start
    ) or exists (
      select 1 from {_SLOTS}
      where {here} and s.tick < {new}.start + {new}.minutes and s.tick + c.grain > {new}.start
        and {_UNCOUNTED}
    )
    """


_HERE = "c.organization_id = new.organization_id and c.id = new.calendar_id"
_EMPTIED = f"exists (select 1 from {_SLOTS} where {_HERE} and s.tick = new.tick and {_UNCOUNTED})"
_LOWERED = "new.taken < old.taken or new.forced < old.forced"
_PLACE = ("calendar_id", "start", "minutes", "forced", "released_at")
_SAYS = "a seat was taken that no slot has counted"


def _sqlite() -> list[str]:
    refuse = f"select raise(abort, '{_SAYS}') where"
    moved = " or ".join(f"new.{name} is not old.{name}" for name in _PLACE)
    return [
        f"create trigger appointments_are_counted after insert on appointments "
        f"when new.released_at is null begin {refuse} {_wrong('new')}; end",
        f"create trigger moves_are_counted after update on appointments "
        f"when new.released_at is null and ({moved}) begin {refuse} {_wrong('new')}; end",
        f"create trigger holds_are_counted after insert on holds "
        f"begin {refuse} {_wrong('new')}; end",
        f"create trigger slots_are_not_emptied after update of taken, forced on slots "
        f"when {_LOWERED} begin {refuse} {_EMPTIED}; end",
    ]


def _function(name: str, wrong: str) -> str:
    return f"""
    create function {name}() returns trigger language plpgsql as $$
    begin
      if {wrong} then
        raise exception '{_SAYS}' using errcode = 'check_violation', constraint = '{name}';
      end if;
      return null;
    end $$
    """


def _postgresql() -> list[str]:
    # A batch of bookings is one insert of 64 rows for the same slot: it is counted once.
    added = "(select distinct organization_id, calendar_id, start, minutes from added)"
    moved = " or ".join(f"new.{name} is distinct from old.{name}" for name in _PLACE)
    together = "referencing new table as added for each statement execute function"
    return [
        _function("seats_are_counted", f"exists (select 1 from {added} n where {_wrong('n')})"),
        _function("seat_is_counted", _wrong("new")),
        _function("slot_is_not_emptied", _EMPTIED),
        "create trigger appointments_are_counted after insert on appointments "
        f"{together} seats_are_counted()",
        f"create trigger holds_are_counted after insert on holds {together} seats_are_counted()",
        "create trigger moves_are_counted after update on appointments for each row "
        f"when (new.released_at is null and ({moved})) execute function seat_is_counted()",
        "create trigger slots_are_not_emptied after update on slots for each row "
        f"when ({_LOWERED}) execute function slot_is_not_emptied()",
    ]


def upgrade() -> None:
    """Take the step."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _sqlite() if sqlite else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")

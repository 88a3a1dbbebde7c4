"""The chapters of the API, in the order people read them."""

from nowserving.dialects.native import (
    routes_attendance,
    routes_bookings,
    routes_calendars,
    routes_cases,
    routes_customers,
    routes_data_records,
    routes_data_tables,
    routes_deliveries,
    routes_directory,
    routes_facts,
    routes_files,
    routes_hooks,
    routes_line,
    routes_moves,
    routes_signing_in,
    routes_tickets,
    routes_tokens,
    routes_uploads,
    routes_webhooks,
    routes_work,
)

CHAPTERS = (
    routes_signing_in.CHAPTER,
    routes_directory.CHAPTER,
    routes_cases.CHAPTER,
    routes_moves.CHAPTER,
    routes_work.CHAPTER,
    routes_customers.CHAPTER,
    routes_data_tables.CHAPTER,
    routes_data_records.CHAPTER,
    routes_files.CHAPTER,
    routes_uploads.CHAPTER,
    routes_line.CHAPTER,
    routes_attendance.CHAPTER,
    routes_calendars.CHAPTER,
    routes_bookings.CHAPTER,
    routes_facts.CHAPTER,
    routes_webhooks.CHAPTER,
    routes_deliveries.CHAPTER,
    routes_tickets.CHAPTER,
    routes_hooks.CHAPTER,
    routes_tokens.CHAPTER,
)

OPERATIONS = tuple(operation for chapter in CHAPTERS for operation in chapter.operations)

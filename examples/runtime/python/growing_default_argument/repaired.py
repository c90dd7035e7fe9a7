"""A list of its own for each call."""


def collect(row: str, rows=None):
    rows = [] if rows is None else rows
    rows.append(row)
    return rows


def serve(row: str):
    return len(collect(row))

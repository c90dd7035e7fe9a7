"""The default is made once, and collects."""


def collect(row: str, rows=[]):
    rows.append(row)
    return rows


def serve(row: str):
    return len(collect(row))

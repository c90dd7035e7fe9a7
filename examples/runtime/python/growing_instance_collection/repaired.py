"""The rows are handed on in bundles of fifty."""


class Recorder:
    def __init__(self):
        self.rows = []

    def record(self, row: str):
        self.rows.append(row.split())
        if len(self.rows) >= 50:
            self.flush()
        return len(self.rows)

    def flush(self):
        rows, self.rows = self.rows, []
        return rows


RECORDER = Recorder()


def serve(row: str):
    return RECORDER.record(row)

"""What is kept one at a time: calls that do not grow refute nothing."""

from pathlib import Path

from harness import confirm_file

_POOL = '''
import queue
import threading
from concurrent.futures import Future


class Item:
    def __init__(self, name):
        self.name = name
        self.future = Future()

    def run(self):
        return [self.name] * 100


class Pool:
    def __init__(self):
        self.tasks = queue.SimpleQueue()

    def work(self):
        while True:
            item = self.tasks.get()
            if item is None:
                return
            item.future.set_result(item.run())


def serve(name: str):
    pool = Pool()
    worker = threading.Thread(target=pool.work)
    worker.start()
    item = Item(name)
    pool.tasks.put(item)
    found = item.future.result()
    pool.tasks.put(None)
    worker.join()
    return len(found)
'''


def test_the_last_work_of_a_thread_is_not_refuted_by_calls(tmp_path: Path) -> None:
    file = tmp_path / "pool.py"
    file.write_text(_POOL)
    found = confirm_file(file, "serve", budget=3)
    assert found.statuses == {"LK424": "inconclusive"}
    assert "one at a time" in str(found.report.verdicts[0]["reason"])

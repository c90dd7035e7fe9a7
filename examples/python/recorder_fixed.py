"""The same worker, with a window of the last hour."""

import random
import time
from collections import deque

MEASUREMENTS = deque(maxlen=2 * 3600)


def measure(sensor):
    record = {"sensor": sensor, "at": time.time(), "value": random.random()}
    MEASUREMENTS.append(record)
    return record["value"]


def main():
    while True:
        for sensor in ("inlet", "outlet"):
            measure(sensor)
        time.sleep(0.5)


if __name__ == "__main__":
    main()

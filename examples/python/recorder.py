"""A worker that remembers every measurement it ever took."""

import random
import time

MEASUREMENTS = []


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

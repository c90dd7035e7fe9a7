"""Each look-up of a site without cookies adds a shelf for it."""

from collections import defaultdict


class Jar:
    def __init__(self):
        self._cookies = defaultdict(dict)

    def store(self, site: str, name: str, value: str):
        self._cookies[site][name] = value

    def matching(self, site: str):
        return sorted(self._cookies[site].items())

    def forget(self, site: str):
        del self._cookies[site]


JAR = Jar()


def serve(site: str):
    return "; ".join(f"{name}={value}" for name, value in JAR.matching(site))

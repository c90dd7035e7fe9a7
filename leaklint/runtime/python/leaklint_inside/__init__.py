"""Runs inside the checked interpreter: standard library only, any CPython from 3.11 on.

It calls, reads and explains on request, and holds no opinion. Whatever it keeps between two samples is
made before the first one, so that a workload that does nothing reads the same every time.
"""

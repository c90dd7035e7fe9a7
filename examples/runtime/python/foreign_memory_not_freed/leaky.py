"""The C library's copy of each page is read and forgotten."""

import ctypes

libc = ctypes.CDLL(None)
libc.strdup.restype = ctypes.c_void_p
libc.strdup.argtypes = [ctypes.c_char_p]
libc.free.argtypes = [ctypes.c_void_p]


def render(text: bytes):
    page = libc.strdup(text)
    return ctypes.string_at(page)


def serve(number: int):
    return len(render(b"line %d\n" % number * 500))

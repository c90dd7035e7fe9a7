"""Memory of C libraries: results that are copied out and not freed, names that are never deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex

# makes -> frees, of C interfaces that keep their names in Python
_PAIRS = {
    "glGenTextures": "glDeleteTextures",
    "glGenBuffers": "glDeleteBuffers",
    "glGenLists": "glDeleteLists",
    "glGenVertexArrays": "glDeleteVertexArrays",
    "glGenFramebuffers": "glDeleteFramebuffers",
    "glGenRenderbuffers": "glDeleteRenderbuffers",
    "glGenQueries": "glDeleteQueries",
    "glCreateProgram": "glDeleteProgram",
    "CFStringCreateWithCString": "CFRelease",
    "CFDictionaryCreate": "CFRelease",
    "CreateStreamOnHGlobal": "Release",
    "VirtualAlloc": "VirtualFree",
    "HeapAlloc": "HeapFree",
    "malloc": "free",
    "calloc": "free",
    "cudaMalloc": "cudaFree",
    "PyMem_Malloc": "PyMem_Free",
    "XOpenDisplay": "XCloseDisplay",
    "inotify_init": "close",
    "getifaddrs": "freeifaddrs",
    "strdup": "free",
    "realloc": "free",
    "posix_memalign": "free",
    "asprintf": "free",
    "glCreateShader": "glDeleteShader",
    "glGenSamplers": "glDeleteSamplers",
    "glFenceSync": "glDeleteSync",
    "CFDataCreate": "CFRelease",
    "CFArrayCreate": "CFRelease",
    "CFNumberCreate": "CFRelease",
    "CFUUIDCreateFromString": "CFRelease",
    "CFURLCreateWithString": "CFRelease",
    "CGImageCreate": "CGImageRelease",
    "CGEventSourceCreate": "CFRelease",
    "IORegistryEntryCreateCFProperty": "CFRelease",
    "IOServiceGetMatchingServices": "IOObjectRelease",
    "GlobalAlloc": "GlobalFree",
    "LocalAlloc": "LocalFree",
    "CommandLineToArgvW": "LocalFree",
    "ConvertSidToStringSidW": "LocalFree",
    "GetDC": "ReleaseDC",
    "GetWindowDC": "ReleaseDC",
    "CreateCompatibleDC": "DeleteDC",
    "CreateCompatibleBitmap": "DeleteObject",
    "CreateDIBSection": "DeleteObject",
    "CreateToolhelp32Snapshot": "CloseHandle",
    "FindFirstFileW": "FindClose",
    "WlanOpenHandle": "WlanCloseHandle",
    "NetUserEnum": "NetApiBufferFree",
    "CredEnumerateW": "CredFree",
    "LsaOpenPolicy": "LsaClose",
    "OpenClipboard": "CloseClipboard",
    "LoadLibraryExW": "FreeLibrary",
    "udev_new": "udev_unref",
    "libusb_get_device_list": "libusb_free_device_list",
    "libusb_open": "libusb_close",
    "XCreateGC": "XFreeGC",
    "XGetImage": "XDestroyImage",
    "XQueryTree": "XFree",
    "XGetWindowProperty": "XFree",
    "cudaMallocHost": "cudaFreeHost",
    "cuMemAlloc": "cuMemFree",
    "cudaStreamCreate": "cudaStreamDestroy",
    "cudaEventCreate": "cudaEventDestroy",
    "clCreateBuffer": "clReleaseMemObject",
    "PyBytes_FromStringAndSize": "Py_DecRef",
    "regcomp": "regfree",
    "EVP_MD_CTX_new": "EVP_MD_CTX_free",
    "EVP_CIPHER_CTX_new": "EVP_CIPHER_CTX_free",
    "BIO_new": "BIO_free",
    "BIO_new_mem_buf": "BIO_free",
    "BN_new": "BN_free",
    "OpenProcessToken": "CloseHandle",
    "CreateFileMappingW": "CloseHandle",
    "MapViewOfFile": "UnmapViewOfFile",
    "OpenSCManagerW": "CloseServiceHandle",
    "OpenServiceW": "CloseServiceHandle",
    "RegOpenKeyExW": "RegCloseKey",
    "BeginPaint": "EndPaint",
    "InternetOpenW": "InternetCloseHandle",
}
_DELETES = regex(r"(?i)\w*(delete|release|free|destroy|dispose)\w+")
_FREES = regex(r"(?i)\w*_?(free|destroy|delete|release|dealloc|dispose|unref)\w*")
# what a name says besides its subject: `ctx_new`, `ctx_free`, `opendir`, `closedir`
_VERBS = regex(r"(?i)open|new|create|alloc(ate)?|init(iali[sz]e)?|make|acquire|load|start|begin")
_ENDS = regex(
    r"(?i)close|free|destroy|delete|dealloc(ate)?|release|dispose|unref|fini(sh|ali[sz]e)?|deinit|cleanup|unload"
)
_COPIES = frozenset({"string_at", "buffer", "unpack", "string", "wstring_at"})
_POINTER = regex(r"POINTER|c_void_p|c_char_p_p")
# how they are called for short
_SHORT = {
    "texture": ("tex",),
    "vertexarray": ("vao",),
    "framebuffer": ("fbo",),
    "buffer": ("vbo", "ebo", "ibo"),
}


def _without(name: str, words: tuple[str, ...]) -> str:
    for word in words:
        name = name.replace(word, "")
    return name


class Unfreed(msgspec.Struct):
    """`effect` makes what nothing frees. copied: where it is copied out. left: in a field of
    a class that frees others. declared: what frees it is, and is never called. free: what would free it."""

    effect: int
    how: Literal["copied", "named", "left", "declared"]
    free: str
    copied: int = NONE


class Foreign:
    """C memory of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats

    def found(self) -> Iterator[Unfreed]:
        if self.unit.language == "java":
            yield from self._left_on_card()
            return
        for name in _PAIRS.keys() & self.index.calls.keys():
            if not self._is_mentioned(_PAIRS[name]):
                yield from self._named(name)
        yield from self._declared()
        for name in _COPIES & self.index.calls.keys():
            for number in self.index.calls[name]:
                item = self._copied(number)
                if item is not None:
                    yield item

    def _declared(self) -> Iterator[Unfreed]:
        """`lib.ctx_new()` in a local, where `lib.ctx_free.argtypes` is set and nothing calls that."""
        for library, frees in self._unused_frees().items():
            for name, free in frees.items():
                for number in self.index.calls.get(name, ()):
                    call = self.unit.effects[number]
                    assert isinstance(call, Call)
                    on = self.unit.places[call.receiver] if call.receiver != NONE else None
                    if on == Place(library) and self._is_left(number, on):
                        yield Unfreed(number, "declared", free)

    def _unused_frees(self) -> dict[int, dict[str, str]]:
        """Library -> function of it that makes something -> declared one that ends it, which nothing uses."""
        declared = {
            (place.symbol, place.path[0][1:])
            for place in self.unit.places
            if place.symbol != NONE and place.path[1:] in ((".argtypes",), (".restype",))
        }
        found: dict[int, dict[str, str]] = {}
        for symbol, free in sorted(declared):
            subject, ends = _ENDS.subn("", free, count=1)
            if not ends or self._is_mentioned(free) or not self._is_library(Place(symbol)):
                continue
            for other, name in declared:
                rest, made = _VERBS.subn("", name, count=1)
                if other == symbol and made and rest == subject and name not in _PAIRS:
                    found.setdefault(symbol, {})[name] = free
        return found

    def _is_left(self, number: int, library: Place) -> bool:
        """Whether a local keeps what a call returns, and only functions of the same library are handed it."""
        destination, local = self.index.destinations.of(number)
        if destination != "kept" or local is None or local.path or local.symbol == NONE:
            return False
        taken = set(self.index.references.get(local.symbol, ()))
        for each in self.index.of_function[self.index.function_at(number)]:
            effect = self.unit.effects[each]
            if isinstance(effect, Call):
                given = not taken.isdisjoint((*effect.args, *(value for _, value in effect.keywords)))
                same = effect.receiver != NONE and self.unit.places[effect.receiver] == library
                if given and not same and effect.name not in ("bool", "int", "print"):
                    return False
            elif getattr(effect, "value", NONE) in taken:
                return False
        return self.unit.symbols[local.symbol].scope != 0 and self.repeats.is_often(number)

    def _left_on_card(self) -> Iterator[Unfreed]:
        """Java: names of OpenGL in a field of a class that deletes others, of another kind only."""
        made = [name for name in _PAIRS.keys() & self.index.calls.keys() if name.startswith("gl")]
        if not made:
            return
        names = {*self.index.calls, *(place.path[-1][1:] for place in self.unit.places if place.path)}
        deletes = [name.lower() for name in names if _DELETES.match(name)]
        if not any(name.startswith("gldelete") for name in deletes):
            return
        for name in sorted(made):
            kind = _PAIRS[name].removeprefix("glDelete").removesuffix("s").lower()
            words = (kind, *_SHORT.get(kind, ()))
            others = ("framebuffer", "renderbuffer") if kind == "buffer" else ()
            if any(word in _without(delete, others) for delete in deletes for word in words):
                continue
            for number in self.index.calls[name]:
                if self._is_in_field(number):
                    yield Unfreed(number, "left", _PAIRS[name])
                    break

    def _is_in_field(self, number: int) -> bool:
        """Whether an object keeps what a call returns."""
        for effect in self.unit.effects[number + 1 : number + 3]:
            if isinstance(effect, Bind) and effect.value != NONE:
                row, target = self.unit.values[effect.value], self.unit.places[effect.target]
                if row.kind == "call" and row.call == number and target.symbol != NONE:
                    return self.unit.symbols[target.symbol].kind == "this" and len(target.path) == 1
        return False

    def _is_mentioned(self, name: str) -> bool:
        """Whether anything in the file is called like that: called, taken, or imported by name.

        Its declaration (`lib.name.argtypes = …`) does not count.
        """
        if name in self.index.calls or any(symbol.name == name for symbol in self.unit.symbols):
            return True
        taken = (self.unit.places[row.place] for row in self.unit.values if row.kind == "place")
        return any(place.path[-1:] == ("." + name,) for place in taken)

    def _named(self, name: str) -> Iterator[Unfreed]:
        for number in self.index.calls[name]:
            if self.growths.guards.init_guarded(number) or self._where_missing(number):
                continue
            if self.repeats.is_often(number) and self.index.destinations.of(number)[0] in (
                "kept",
                "dropped",
                "passed",
            ):
                yield Unfreed(number, "named", _PAIRS[name])

    def _where_missing(self, number: int) -> bool:
        """`if getattr(self, "texture", None) is None:`: made where there is none."""
        for region in self.index.regions(self.unit.effects[number].region):
            row = self.unit.regions[region]
            if row.kind == "branch" and row.test != NONE and self.unit.values[row.test].text in ("is", "not"):
                return True
        return False

    # -- copied out, and then dropped

    def _copied(self, number: int) -> Unfreed | None:
        """`p = lib.f(…); return ffi.buffer(p, n)[:]` without `lib.free(p)`."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        row = self.unit.values[call.args[0]] if call.args else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return None
        if self.unit.symbols[place.symbol].kind != "variable" or self.unit.symbols[place.symbol].scope == 0:
            return None
        binds = [self.unit.effects[index] for index in self.index.binds.get(place, ())]
        made = [
            self.unit.values[bind.value].call
            for bind in binds
            if isinstance(bind, Bind) and bind.value != NONE and self.unit.values[bind.value].kind == "call"
        ]
        if len(made) != 1 or len(binds) != 1:
            return None
        source = self.unit.effects[made[0]]
        if not isinstance(source, Call) or source.receiver == NONE or not source.args:
            return None
        library = self.unit.places[source.receiver]
        if not self._is_library(library) or self._goes_on(place, made[0], number):
            return None
        frees = self._declared_frees(library)
        pointer = self._returns_pointer(library, source.name)
        if call.name == "buffer" or call.name == "unpack":
            free = frees[0] if frees else "free"
        elif pointer and frees:
            free = frees[0]
        else:
            return None
        return Unfreed(made[0], "copied", free, number) if self.repeats.is_often(number) else None

    def _is_library(self, place: Place) -> bool:
        """A variable of the module made by `CDLL` or `dlopen`, or an imported one called `lib`."""
        if place.symbol == NONE or place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "import":
            return symbol.name.lower().lstrip("_").startswith(("lib", "c_lib", "clib"))
        if symbol.scope != 0:
            return False
        for index in self.index.binds.get(place, ()):
            bind = self.unit.effects[index]
            value = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            call = self.unit.effects[value.call] if value is not None and value.kind == "call" else None
            if isinstance(call, Call) and call.name in (
                "CDLL",
                "LoadLibrary",
                "WinDLL",
                "PyDLL",
                "dlopen",
                "verify",
            ):
                return True
        return False

    def _goes_on(self, place: Place, made: int, copied: int) -> bool:
        """Whether anything else takes the pointer: a function that may free it, a field, the caller."""
        taken = {
            value
            for value in self.index.references.get(place.symbol, ())
            if self.unit.places[self.unit.values[value].place] == place
        }
        for number in self.index.of_function[self.index.function(self.unit.effects[copied].scope)]:
            effect = self.unit.effects[number]
            if isinstance(effect, Call):
                arguments = {*effect.args, *(value for _, value in effect.keywords)}
                looks = number in (made, copied) or effect.name in (*_COPIES, "len", "bool", "int", "cast")
                if not looks and not taken.isdisjoint(arguments):
                    return True
            elif getattr(effect, "value", NONE) in taken:
                return True
        return False

    def _declared_frees(self, library: Place) -> list[str]:
        """Functions of a library that are declared, free by their name, and are never called."""
        names = {
            place.path[0][1:]
            for place in self.unit.places
            if place.symbol == library.symbol and place.path and _FREES.fullmatch(place.path[0][1:])
        }
        return sorted(name for name in names if name not in self.index.calls)

    def _returns_pointer(self, library: Place, name: str) -> bool:
        for index in self.index.binds.get(Place(library.symbol, ("." + name, ".restype")), ()):
            bind = self.unit.effects[index]
            if isinstance(bind, Bind) and bind.value != NONE:
                row = self.unit.values[bind.value]
                if row.kind == "call":
                    call = self.unit.effects[row.call]
                    return isinstance(call, Call) and bool(_POINTER.search(call.name))
                if row.kind == "place":
                    place = self.unit.places[row.place]
                    last = place.path[-1] if place.path else self.unit.symbols[place.symbol].name
                    return bool(_POINTER.search(last))
        return False

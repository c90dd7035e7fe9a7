"""Arguments as Java expressions in `i`, and the class `Made` that drivers carry for what reflection makes.

One table serves both: by the full name of a type, an expression in which `{0}` and `{1}` stand for what its
type arguments ask for. Values of the same number are equal; types of which a program has few (classes,
locales, enums) have few values here as well, so that a table of them fills.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

LIBRARY = {
    "boolean": "i % 2 == 0",
    "byte": "(byte) i",
    "short": "(short) i",
    "char": "(char) ('a' + i % 26)",
    "int": "i",
    "long": "(long) i",
    "float": "i + 0.5f",
    "double": "i + 0.5",
    "byte[]": '("text-" + i).getBytes()',
    "char[]": '("text-" + i).toCharArray()',
    "java.lang.Boolean": "Boolean.valueOf(i % 2 == 0)",
    "java.lang.Byte": "Byte.valueOf((byte) i)",
    "java.lang.Short": "Short.valueOf((short) i)",
    "java.lang.Character": "Character.valueOf((char) ('a' + i % 26))",
    "java.lang.Integer": "Integer.valueOf(i)",
    "java.lang.Long": "Long.valueOf(i)",
    "java.lang.Float": "Float.valueOf(i + 0.5f)",
    "java.lang.Double": "Double.valueOf(i + 0.5)",
    "java.lang.Number": "Double.valueOf(i + 0.5)",
    "java.lang.String": '"text-" + i',
    "java.lang.CharSequence": '"text-" + i',
    "java.lang.Comparable": '"text-" + i',
    "java.lang.Object": '(Object) ("text-" + i)',
    "java.lang.StringBuilder": 'new StringBuilder("text-" + i)',
    "java.lang.StringBuffer": 'new StringBuffer("text-" + i)',
    "java.lang.Iterable": "new java.util.ArrayList<>(java.util.List.of({0}))",
    "java.lang.Class": "Made.CLASSES[i % Made.CLASSES.length]",
    "java.lang.ClassLoader": "Workload.class.getClassLoader()",
    "java.lang.Thread": 'new Thread(() -> {}, "text-" + i)',
    "java.lang.Throwable": 'new RuntimeException("text-" + i)',
    "java.lang.Exception": 'new RuntimeException("text-" + i)',
    "java.lang.RuntimeException": 'new RuntimeException("text-" + i)',
    "java.io.IOException": 'new java.io.IOException("text-" + i)',
    "java.io.File": 'new java.io.File("text-" + i)',
    "java.io.InputStream": 'new java.io.ByteArrayInputStream(("text-" + i).getBytes())',
    "java.io.OutputStream": "new java.io.ByteArrayOutputStream()",
    "java.io.PrintStream": "new java.io.PrintStream(java.io.OutputStream.nullOutputStream())",
    "java.io.Reader": 'new java.io.StringReader("text-" + i)',
    "java.io.BufferedReader": 'new java.io.BufferedReader(new java.io.StringReader("text-" + i))',
    "java.io.Writer": "new java.io.StringWriter()",
    "java.io.PrintWriter": "new java.io.PrintWriter(new java.io.StringWriter())",
    "java.math.BigInteger": "java.math.BigInteger.valueOf(i)",
    "java.math.BigDecimal": "java.math.BigDecimal.valueOf(i)",
    "java.net.URI": 'java.net.URI.create("http://localhost/text-" + i)',
    "java.net.URL": 'new java.net.URL("http://localhost/text-" + i)',
    "java.nio.ByteBuffer": 'java.nio.ByteBuffer.wrap(("text-" + i).getBytes())',
    "java.nio.charset.Charset": "java.nio.charset.StandardCharsets.UTF_8",
    "java.nio.file.Path": 'java.nio.file.Path.of("text-" + i)',
    "java.time.Duration": "java.time.Duration.ofSeconds(i)",
    "java.time.Instant": "java.time.Instant.ofEpochSecond(i)",
    "java.time.LocalDate": "java.time.LocalDate.ofEpochDay(i)",
    "java.time.LocalDateTime": "java.time.LocalDateTime.ofEpochSecond(i, 0, java.time.ZoneOffset.UTC)",
    "java.time.ZoneId": "(java.time.ZoneId) java.time.ZoneOffset.UTC",
    "java.util.ArrayDeque": "new java.util.ArrayDeque<>(java.util.List.of({0}))",
    "java.util.ArrayList": "new java.util.ArrayList<>(java.util.List.of({0}))",
    "java.util.Collection": "new java.util.ArrayList<>(java.util.List.of({0}))",
    "java.util.Comparator": "(java.util.Comparator) java.util.Comparator.naturalOrder()",
    "java.util.Date": "new java.util.Date(i)",
    "java.util.Deque": "new java.util.ArrayDeque<>(java.util.List.of({0}))",
    "java.util.EventObject": 'new java.util.EventObject("text-" + i)',
    "java.util.HashMap": "new java.util.HashMap<>(java.util.Map.of({0}, {1}))",
    "java.util.HashSet": "new java.util.HashSet<>(java.util.Set.of({0}))",
    "java.util.Iterator": "java.util.List.of({0}).iterator()",
    "java.util.LinkedHashMap": "new java.util.LinkedHashMap<>(java.util.Map.of({0}, {1}))",
    "java.util.LinkedHashSet": "new java.util.LinkedHashSet<>(java.util.Set.of({0}))",
    "java.util.LinkedList": "new java.util.LinkedList<>(java.util.List.of({0}))",
    "java.util.List": "new java.util.ArrayList<>(java.util.List.of({0}))",
    "java.util.Locale": "java.util.Locale.ENGLISH",
    "java.util.Map": "new java.util.HashMap<>(java.util.Map.of({0}, {1}))",
    "java.util.Map$Entry": "java.util.Map.entry({0}, {1})",
    "java.util.Optional": "java.util.Optional.of({0})",
    "java.util.OptionalInt": "java.util.OptionalInt.of(i)",
    "java.util.Properties": "new java.util.Properties()",
    "java.util.Queue": "new java.util.ArrayDeque<>(java.util.List.of({0}))",
    "java.util.Random": "new java.util.Random(i)",
    "java.util.Set": "new java.util.HashSet<>(java.util.Set.of({0}))",
    "java.util.SortedMap": "new java.util.TreeMap<>(java.util.Map.of({0}, {1}))",
    "java.util.SortedSet": "new java.util.TreeSet<>(java.util.Set.of({0}))",
    "java.util.Timer": "Made.Shared.TIMER",
    "java.util.TimerTask": "new java.util.TimerTask() { public void run() {} }",
    "java.util.TreeMap": "new java.util.TreeMap<>(java.util.Map.of({0}, {1}))",
    "java.util.TreeSet": "new java.util.TreeSet<>(java.util.Set.of({0}))",
    "java.util.UUID": "new java.util.UUID(0, i)",
    "java.util.concurrent.BlockingQueue": "new java.util.concurrent.LinkedBlockingQueue<>"
    "(java.util.List.of({0}))",
    "java.util.concurrent.CompletableFuture": "java.util.concurrent.CompletableFuture.completedFuture({0})",
    "java.util.concurrent.CompletionStage": "java.util.concurrent.CompletableFuture.completedFuture({0})",
    "java.util.concurrent.ConcurrentHashMap": "new java.util.concurrent.ConcurrentHashMap<>"
    "(java.util.Map.of({0}, {1}))",
    "java.util.concurrent.ConcurrentMap": "new java.util.concurrent.ConcurrentHashMap<>"
    "(java.util.Map.of({0}, {1}))",
    "java.util.concurrent.CountDownLatch": "new java.util.concurrent.CountDownLatch(1)",
    "java.util.concurrent.Executor": "(java.util.concurrent.Executor) Runnable::run",
    "java.util.concurrent.ExecutorService": "(java.util.concurrent.ExecutorService) "
    "java.util.concurrent.ForkJoinPool.commonPool()",
    "java.util.concurrent.Future": "java.util.concurrent.CompletableFuture.completedFuture({0})",
    "java.util.concurrent.ScheduledExecutorService": "Made.Shared.CLOCK",
    "java.util.concurrent.atomic.AtomicBoolean": "new java.util.concurrent.atomic.AtomicBoolean()",
    "java.util.concurrent.atomic.AtomicInteger": "new java.util.concurrent.atomic.AtomicInteger(i)",
    "java.util.concurrent.atomic.AtomicLong": "new java.util.concurrent.atomic.AtomicLong(i)",
    "java.util.concurrent.locks.Lock": "new java.util.concurrent.locks.ReentrantLock()",
    "java.util.concurrent.locks.ReentrantLock": "new java.util.concurrent.locks.ReentrantLock()",
    "java.util.logging.Logger": 'java.util.logging.Logger.getLogger("leaklint")',
    "java.util.regex.Pattern": 'java.util.regex.Pattern.compile("text-" + i)',
    "java.util.stream.IntStream": "java.util.stream.IntStream.of(i)",
    "java.util.stream.Stream": "java.util.stream.Stream.of({0})",
}
ITERATION = {
    "String": "Integer.toString(i)",
    "CharSequence": "Integer.toString(i)",
    "Object": "(Object) Integer.valueOf(i)",
    "Number": "(Number) Integer.valueOf(i)",
    "boolean": "i % 2 == 1",
    "Boolean": "Boolean.valueOf(i % 2 == 1)",
    "float": "(float) i",
    "Float": "Float.valueOf(i)",
    "double": "(double) i",
    "Double": "Double.valueOf(i)",
}
"""The iteration number itself, for types that are made differently otherwise."""

_IMPORT = re.compile(r"^\s*import\s+([\w.]+(?:\.\*)?)\s*;", re.MULTILINE)
_CAST = re.compile(r"\(([A-Z]\w*)\)\s*[\w(]")
_ARRAYS = {"byte[]": "[B", "char[]": "[C"}  # their names at run time
_PARTS = ("part(type, 0, i, depth)", "part(type, 1, i, depth)")


class Imports:
    """Full names of the types of the library that a file names; types of its own are not known here."""

    def __init__(self, text: str) -> None:
        named = _IMPORT.findall(text)
        self._single = {name.rpartition(".")[2]: name for name in named if not name.endswith(".*")}
        self._packages = {"java.lang", *(name[:-2] for name in named if name.endswith(".*"))}

    def full(self, name: str) -> str:
        """`java.util.List` for `List`; "" for what is no type of the library, as far as can be told."""
        if "." in name or name in self._single:
            known = self._single.get(name, name)
            return known if known in LIBRARY else ""
        if name in LIBRARY:
            return name
        return next((full for pack in sorted(self._packages) if (full := f"{pack}.{name}") in LIBRARY), "")


def parts(full: str) -> int:
    """How many type arguments the expression for a type of the library wants."""
    return ("{0}" in LIBRARY[full]) + ("{1}" in LIBRARY[full])


def library(full: str, *given: str) -> str:
    """An expression for a type of the library."""
    text = LIBRARY[full]
    for number, part in enumerate(given):
        text = text.replace(f"{{{number}}}", part)
    return text


def casts(text: str) -> list[str]:
    """Full names of the imported types that a file casts to: `(HttpServletRequest) request`."""
    imported = {name.rpartition(".")[2]: name for name in _IMPORT.findall(text)}
    return sorted({imported[name] for name in _CAST.findall(text) if name in imported})


@cache
def made(casts: tuple[str, ...] = ()) -> str:
    """The source of `Made`, as a class within the workload."""
    cases = []
    for name in LIBRARY:
        called = _ARRAYS.get(name, name)
        cases.append(f'            case "{called}":\n                return {library(name, *_PARTS)};\n')
    folder = files(__package__)
    source = (
        folder.joinpath("Made.java").read_text("utf-8").replace("            // LIBRARY\n", "".join(cases))
    )
    named = ", ".join(f'"{name}"' for name in casts)
    source = source.replace("CASTS = {}", f"CASTS = {{{named}}}")
    source = source.replace("\nfinal class Made", "\nprivate static final class Made")
    answers = folder.joinpath("Answers.java").read_text("utf-8")
    source += "\n" + answers.replace("\nrecord Answers", "\nprivate record Answers")
    return "".join(f"    {line}\n" if line else "\n" for line in source.splitlines())

"""Programs that do not leak, as people write them: no trigger and no made driver confirms a thing."""

from __future__ import annotations

from pathlib import Path

import pytest
from java_runs import Confirmed, confirm_files

HEAD = "import java.util.*;\nimport java.util.concurrent.*;\nimport java.util.function.*;\n"
INNOCENT = {
    "FewKeys": """
    private static final Map<Integer, String> CACHE = new HashMap<>();
    public static String serve(int key) { return CACHE.computeIfAbsent(key % 100, n -> "value " + n); }
    """,
    "PerLocale": """
    enum Tone { SOFT, LOUD }
    private static final Map<Locale, Map<Tone, String>> GREETINGS = new ConcurrentHashMap<>();
    public static String serve(Locale locale, Tone tone) {
        return GREETINGS.computeIfAbsent(locale, all -> new HashMap<>()).computeIfAbsent(tone, Tone::name);
    }
    """,
    "PerClass": """
    private static final Map<Class<?>, String> NAMES = new ConcurrentHashMap<>();
    public static String serve(Class<?> type) { return NAMES.computeIfAbsent(type, Class::getSimpleName); }
    """,
    "Recent": """
    private final int most;
    private final Map<String, String> pages = new LinkedHashMap<>(16, 0.75f, true);
    public Recent(int most) { this.most = most; }
    public String serve(String page) {
        pages.put(page, page + "!");
        if (pages.size() > most) pages.remove(pages.keySet().iterator().next());
        return page;
    }
    """,
    "Pooled": """
    private static final Deque<StringBuilder> FREE = new ConcurrentLinkedDeque<>();
    public static String serve(String text) {
        StringBuilder builder = FREE.poll();
        if (builder == null) builder = new StringBuilder();
        try { return builder.append(text).reverse().toString(); }
        finally { builder.setLength(0); FREE.push(builder); }
    }
    """,
    "Lazy": """
    private static Lazy instance;
    private final List<String> words = new ArrayList<>();
    private Lazy() { for (int n = 0; n < 300; n++) words.add("word " + n); }
    static synchronized Lazy getInstance() { if (instance == null) instance = new Lazy(); return instance; }
    public String serve(int number) { return words.get(number % words.size()); }
    """,
    "Interned": """
    private static final Set<String> SEEN = new HashSet<>();
    public static int serve(String text) { SEEN.add(("head " + text.length()).intern()); return SEEN.size(); }
    """,
    "Logging": """
    private static final java.util.logging.Logger LOG = java.util.logging.Logger.getLogger("innocent");
    private static java.util.logging.Handler handler;
    public static void serve(String message) {
        if (handler == null) { handler = new java.util.logging.ConsoleHandler(); LOG.addHandler(handler); }
        LOG.fine(() -> "served " + message);
    }
    """,
    "Paired": """
    private static final List<Runnable> LISTENERS = new CopyOnWriteArrayList<>();
    static void add(Runnable listener) { LISTENERS.add(listener); }
    static void remove(Runnable listener) { LISTENERS.remove(listener); }
    """,
    "Opened": """
    private static final Set<Opened> OPEN = ConcurrentHashMap.newKeySet();
    private final String name;
    public Opened(String name) { this.name = name; OPEN.add(this); }
    public int serve() { return name.length(); }
    public void close() { OPEN.remove(this); }
    """,
    "Given": """
    private static final Set<String> OPEN = new HashSet<>();
    public static java.io.Closeable serve(String name) { OPEN.add(name); return () -> OPEN.remove(name); }
    """,
    "Batched": """
    private static final List<String> ROWS = new ArrayList<>();
    private static long written;
    public static void serve(String row) { ROWS.add(row); if (ROWS.size() >= 30) flush(); }
    private static void flush() { written += ROWS.size(); ROWS.clear(); }
    """,
    "Worker": """
    private static final BlockingQueue<String> QUEUE = new LinkedBlockingQueue<>();
    private static Thread worker;
    public static synchronized void serve(String job) {
        if (worker == null) { worker = new Thread(Worker::work); worker.setDaemon(true); worker.start(); }
        QUEUE.add(job);
    }
    private static void work() {
        try { for (;;) QUEUE.take(); } catch (InterruptedException end) { }
    }
    """,
    "Request": """
    private static final ThreadLocal<List<String>> STEPS = ThreadLocal.withInitial(ArrayList::new);
    public static int serve(String name) {
        STEPS.get().add(name);
        try { return STEPS.get().size(); } finally { STEPS.remove(); }
    }
    """,
    "PerCall": """
    private final List<String> parts = new ArrayList<>();
    private void add(String part) { parts.add(part); }
    public static int serve(String text) {
        PerCall one = new PerCall();
        one.add(text);
        return one.parts.size();
    }
    """,
    "Pool": """
    private static ExecutorService pool;
    private static synchronized ExecutorService pool() {
        if (pool == null) pool = Executors.newFixedThreadPool(2);
        return pool;
    }
    public static int serve(String text) throws Exception { return pool().submit(text::length).get(); }
    """,
}


def tried(name: str, folder: Path, trigger: str = "") -> Confirmed:
    file = folder / f"{name}.java"
    file.write_text(f"{HEAD}\npublic class {name} {{{INNOCENT[name]}}}\n", "utf-8")
    return confirm_files([file], trigger, budget=2.0)


@pytest.mark.parametrize("name", [name for name, text in INNOCENT.items() if " serve(" in text])
def test_no_trigger_confirms_it(name: str, tmp_path: Path) -> None:
    found = tried(name, tmp_path, "serve")
    assert found.trigger["status"] != "confirmed", found.trigger
    assert found.trigger["calls"] > 20, found.trigger
    assert "confirmed" not in found.statuses.values(), found.report.verdicts


def test_no_made_driver_confirms_them(tmp_path: Path) -> None:
    files = []
    for name, text in INNOCENT.items():
        files.append(tmp_path / f"{name}.java")
        files[-1].write_text(f"{HEAD}\nclass {name} {{{text}}}\n", "utf-8")
    found = confirm_files(files, budget=2.0)
    assert "confirmed" not in found.statuses.values(), found.report.verdicts

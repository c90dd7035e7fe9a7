"""What one file does to a collection or a cache of another."""

from __future__ import annotations

from pathlib import Path

from project import Call

_QUEUE = """
export class Node {
  static waiting = [];

  static later(task) {
    Node.waiting.push(task);
  }
}
"""
_RUNS = """
import { Node } from "./node";

export class Group {
  run() {
    const tasks = Node.waiting;
    Node.waiting = [];
    for (const task of tasks) {
      task();
    }
  }
}
"""


def test_a_static_list_that_another_file_replaces(folder: Path, call: Call) -> None:
    (folder / "node.js").write_text(_QUEUE)
    assert "LK102" in call("check").out
    (folder / "group.js").write_text(_RUNS)
    assert "LK102" not in call("check").out


_READER = """
from functools import cache


@cache
def parsed(text: str):
    return text.split()


class Page:
    @classmethod
    @cache
    def named(cls, name: str):
        return cls(name)
"""
_RELOAD = """
import app.reader


def reload():
    app.reader.parsed.cache_clear()
    app.reader.Page.named.cache_clear()
"""


def test_a_cache_that_another_file_clears(folder: Path, call: Call) -> None:
    (folder / "app").mkdir()
    (folder / "app" / "reader.py").write_text(_READER)
    assert call("check").out.count("LK103") == 2
    (folder / "app" / "reload.py").write_text(_RELOAD)
    assert "LK103" not in call("check").out
    (folder / "app" / "reload.py").write_text(_RELOAD.replace("def reload():", "if True:"))
    assert call("check").out.count("LK103") == 2  # cleared once, when nothing is in it


_THEMES = """
package app;

public final class Themes {
  private static final Map<ThemeListener, Object> LISTENERS = new WeakHashMap<>();

  public static void addThemeListener(ThemeListener listener) {
    LISTENERS.put(listener, null);
  }
}
"""
_SETTINGS = """
package app;

public final class Settings {
  private static final Store store = new Store();

  public static void addSettingsListener(SettingsListener listener) {
    store.addStoreListener(listener);
  }
}
"""
_STORE = """
package app;

public class Store {
  private final List<Reference<StoreListener>> listeners = new ArrayList<>();

  public void addStoreListener(StoreListener listener) {
    listeners.add(new WeakReference<>(listener));
  }
}
"""
_PANEL = """
package app;

public class ThemePanel extends JPanel implements ThemeListener {
  public ThemePanel() {
    Themes.addThemeListener(this);
    Settings.addSettingsListener(this);
  }
}
"""


def test_listeners_that_a_class_of_another_file_keeps_weakly(folder: Path, call: Call) -> None:
    files = {"Themes": _THEMES, "Settings": _SETTINGS, "Store": _STORE, "ThemePanel": _PANEL}
    for name, text in files.items():
        (folder / f"{name}.java").write_text(text)
    assert "LK201" not in call("check").out
    (folder / "Store.java").write_text(_STORE.replace("new WeakReference<>(listener)", "listener"))
    shown = call("check").out
    assert "`Settings` keeps ThemePanel alive" in shown and "`Themes`" not in shown
    (folder / "Themes.java").write_text(_THEMES.replace("WeakHashMap", "HashMap"))
    assert "`Themes` keeps ThemePanel alive" in call("check").out


_PART = """
package app.parts;

public enum Part { ENGINE, WHEEL }
"""
_PRESENT = """
package app;

import app.parts.Part;

public class Present {
  private static final Map<Part, Boolean> KNOWN = new ConcurrentHashMap<>();
  private static final Map<Car, Boolean> CARS = new ConcurrentHashMap<>();

  public static boolean isPresent(Part part) {
    return KNOWN.computeIfAbsent(part, each -> find(each));
  }

  public static boolean isPresent(Car car) {
    return CARS.computeIfAbsent(car, each -> find(each));
  }
}
"""


def test_tables_under_an_enum_of_another_file(folder: Path, call: Call) -> None:
    (folder / "Part.java").write_text(_PART)
    (folder / "Present.java").write_text(_PRESENT)
    shown = call("check").out
    assert "`Present.CARS` keeps" in shown and "`Present.KNOWN`" not in shown
    (folder / "Part.java").write_text(_PART.replace("enum Part { ENGINE, WHEEL }", "class Part { }"))
    assert "`Present.KNOWN` keeps" in call("check").out


_PAGE = """
package app.ui;

import app.data.Library;

public class TrackPage extends JPanel {
  public TrackPage() {
    Library.addLibraryListener(event -> repaint());
  }
}
"""
_WINDOW = """
package app.ui;

public class MainWindow extends JFrame {
  private static TrackPage later;
  private final TrackPage page = new TrackPage();

  public static TrackPage later() {
    if (later == null) {
      later = new TrackPage();
    }
    return later;
  }
}
"""
_MAIN = """
package app;

import app.ui.MainWindow;

public class Main {
  public static void main(String[] args) {
    SwingUtilities.invokeLater(() -> new MainWindow().setVisible(true));
  }
}
"""
_ACTION = """
package app.ui;

public class ShowTracks {
  public void run(Frame frame) {
    frame.add(new TrackPage());
  }
}
"""


def test_listeners_of_what_the_program_makes_once(folder: Path, call: Call) -> None:
    (folder / "TrackPage.java").write_text(_PAGE)
    assert "LK201" in call("check").out  # who makes it is not known
    (folder / "MainWindow.java").write_text(_WINDOW)
    (folder / "Main.java").write_text(_MAIN)
    assert "LK201" not in call("check").out
    (folder / "ShowTracks.java").write_text(_ACTION)
    assert "LK201" in call("check").out
    (folder / "ShowTracks.java").write_text(_ACTION.replace("new TrackPage()", "new AlbumPage()"))
    assert "LK201" not in call("check").out
    (folder / "AlbumPage.java").write_text("package app.ui;\n\nclass AlbumPage extends TrackPage {}\n")
    assert "LK201" in call("check").out


_MONITOR = """
export class MonitorServer {
  constructor() {
    this.maintenanceList = {};
  }

  schedule(request) {
    this.maintenanceList[request.id] = { since: Date.now(), request };
  }
}
"""
_HANDLERS = """
import { server } from "./server.js";

export function onDelete(socket, id) {
  delete server.maintenanceList[id];
}
"""


def test_a_field_that_handlers_of_another_file_take_entries_out_of(folder: Path, call: Call) -> None:
    (folder / "monitor-server.js").write_text(_MONITOR)
    assert "MonitorServer.maintenanceList" in call("check").out
    (folder / "handlers.js").write_text(_HANDLERS)
    assert "maintenanceList" not in call("check").out
    # two classes with a field of that name: nobody knows whose is meant
    (folder / "other-server.js").write_text(_MONITOR.replace("MonitorServer", "OtherServer"))
    assert "MonitorServer.maintenanceList" in call("check").out

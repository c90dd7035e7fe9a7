"""The language server, spoken to by a real client over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

lsp = pytest.importorskip("lsprotocol.types", reason="the extra leaklint-cli[lsp] is not installed")
from pygls.lsp.client import LanguageClient  # noqa: E402

LEAK = "CACHE = {}\n\n\ndef page(url):\n    CACHE[url] = get('😀'); CACHE[url + 'x'] = 1\n"


def talk(folder: Path, script: Callable[[LanguageClient, asyncio.Queue[Any]], Awaitable[None]]) -> None:
    """Start a server in a folder, shake hands, run a script against it, and end it."""

    async def session() -> None:
        client = LanguageClient("test", "1")
        published: asyncio.Queue[Any] = asyncio.Queue()

        @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params: Any) -> None:
            published.put_nowait(params)

        await client.start_io(sys.executable, "-m", "leaklint", "server", cwd=str(folder))
        await client.initialize_async(
            lsp.InitializeParams(capabilities=lsp.ClientCapabilities(), root_uri=folder.as_uri())
        )
        client.initialized(lsp.InitializedParams())
        await asyncio.wait_for(script(client, published), 30)
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()

    asyncio.run(session())


def open_file(client: LanguageClient, file: Path, text: str, language: str = "python") -> str:
    uri = file.as_uri()
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, language, 1, text)))
    return uri


def test_findings_as_you_type(tmp_path: Path) -> None:
    async def script(client: LanguageClient, published: asyncio.Queue[Any]) -> None:
        uri = open_file(client, tmp_path / "app.py", LEAK)
        first = (await published.get()).diagnostics
        assert [row.code for row in first] == ["LK101"]
        assert first[0].severity == lsp.DiagnosticSeverity.Warning
        assert first[0].range.start == lsp.Position(4, 4)
        assert next(row.location.range.start.line for row in first[0].related_information) == 0
        assert first[0].code_description.href.startswith("https://")
        change = lsp.TextDocumentContentChangeWholeDocument(
            LEAK.replace("{}", "dict()") + "\n\nCACHE.clear()\n"
        )
        client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(2, uri), [change])
        )
        assert (await published.get()).version == 2
        bounded = lsp.TextDocumentContentChangeWholeDocument("CACHE = {}\n")
        client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(3, uri), [bounded])
        )
        assert not (await published.get()).diagnostics

    talk(tmp_path, script)


def test_code_actions_fix_and_ignore(tmp_path: Path) -> None:
    async def script(client: LanguageClient, published: asyncio.Queue[Any]) -> None:
        text = "from functools import cache\n\n\n@cache\ndef parse(text):\n    return Tree(text)\n"
        uri = open_file(client, tmp_path / "app.py", text)
        (row,) = (await published.get()).diagnostics
        answer = await client.text_document_code_action_async(
            lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), row.range, lsp.CodeActionContext([row]))
        )
        titles = [action.title for action in answer]
        assert titles == ["Give the memo a limit (LK103)", "Ignore LK103 here with a reason"]
        new_text = "".join(edit.new_text for edit in answer[0].edit.changes[uri])
        assert "@lru_cache(maxsize=256)" in new_text
        (ignore,) = answer[1].edit.changes[uri]
        assert ignore.new_text == "# leaklint: ignore[LK103] -- reason\n"
        assert ignore.range.start.line == 3

    talk(tmp_path, script)


def test_hover_on_a_suppression_explains_the_rule(tmp_path: Path) -> None:
    async def script(client: LanguageClient, published: asyncio.Queue[Any]) -> None:
        text = (
            "const seen = [];\n// leaklint: ignore[LK102] -- few\nexport const see = (x) => seen.push(x);\n"
        )
        uri = open_file(client, tmp_path / "app.js", text, "javascript")
        assert not (await published.get()).diagnostics
        place = lsp.HoverParams(lsp.TextDocumentIdentifier(uri), lsp.Position(1, 22))
        answer = await client.text_document_hover_async(place)
        assert "growing-collection (LK102)" in answer.contents.value
        nothing = lsp.HoverParams(lsp.TextDocumentIdentifier(uri), lsp.Position(0, 3))
        assert await client.text_document_hover_async(nothing) is None

    talk(tmp_path, script)


def test_settings_of_the_folder_hold(tmp_path: Path) -> None:
    (tmp_path / "leaklint.toml").write_text('ignore = ["LK101"]\n')

    async def script(client: LanguageClient, published: asyncio.Queue[Any]) -> None:
        open_file(client, tmp_path / "app.py", LEAK)
        assert not (await published.get()).diagnostics

    talk(tmp_path, script)


def test_broken_text_is_a_diagnostic(tmp_path: Path) -> None:
    async def script(client: LanguageClient, published: asyncio.Queue[Any]) -> None:
        open_file(client, tmp_path / "app.py", LEAK + "def broken(:\n")
        assert [row.code for row in (await published.get()).diagnostics] == ["LK101", "LK001"]

    talk(tmp_path, script)

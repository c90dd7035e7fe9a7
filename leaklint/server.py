"""A language server over stdio: findings as you type, with their evidence, manual, and code actions.

Needs the extra `leaklint-cli[lsp]`. The text of the editor is analysed, never the file on disk.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import TextDocument

from leaklint import __version__
from leaklint.analysis import analyse, visible
from leaklint.config import Project
from leaklint.discover import shown
from leaklint.edit import Fix
from leaklint.evidence import Evidence
from leaklint.fixes import suggest
from leaklint.frontends.base import language_of
from leaklint.project import open_project
from leaklint.repair import depends_on_cachetools
from leaklint.rule import Finding, all_rules
from leaklint.source import SourceFile
from leaklint.triage.select import enabled, exemptions, find_rule

SEVERITY = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "note": lsp.DiagnosticSeverity.Information,
}
_COMMENT = re.compile(r"leaklint:\s*(?:ignore|file-ignore|disable|enable)\[([^\]]*)\]")
_CODE = re.compile(r"LK\d{3}|[a-z]+(?:-[a-z]+)+")


class Server(LanguageServer):
    """What is known of each open document: its text and its findings."""

    def __init__(self) -> None:
        super().__init__("leaklint", f"v{__version__}")
        self.known: dict[str, tuple[SourceFile, list[Finding]]] = {}

    def check(self, document: TextDocument) -> None:
        """Analyse a document and publish what was found; documents in other languages are left alone."""
        file = to_fs_path(document.uri) or document.uri
        if language_of(file) is None:
            return
        source = SourceFile(shown(file), document.source.encode("utf-8", "surrogatepass"))
        project = _project(file)
        on = enabled(all_rules(), project.settings)
        exempt = exemptions(all_rules(), project)
        shown_rows = visible(analyse(source), source, source.path, project.settings, on)
        findings = [row for row in shown_rows if not exempt(row)]
        self.known[document.uri] = source, findings
        diagnostics = [diagnostic(finding, source, document.uri) for finding in findings]
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(document.uri, diagnostics, document.version)
        )


def diagnostic(finding: Finding, source: SourceFile, uri: str) -> lsp.Diagnostic:
    """A finding as an editor shows it."""
    related = [
        lsp.DiagnosticRelatedInformation(
            lsp.Location(
                uri if row.path == source.path else from_fs_path(row.path) or uri, _range(row, source)
            ),
            row.message,
        )
        for row in finding.evidence
    ]
    return lsp.Diagnostic(
        range=_range(finding, source),
        message=f"{finding.message}\n{finding.advice}",
        severity=SEVERITY[finding.severity],
        code=finding.code,
        code_description=lsp.CodeDescription(href=manual_page(finding.rule)),
        source="leaklint",
        related_information=related,
        data={"fingerprint": finding.fingerprint},
    )


def manual_page(rule: str) -> str:
    """Address of a rule's manual."""
    return f"https://pypi.org/project/leaklint-cli/#{quote(rule)}"


def _range(part: Finding | Evidence, source: SourceFile) -> lsp.Range:
    """The place of a part in UTF-16 units from 0; lines of other files are taken as they are."""
    end_line, end_column = max(part.end_line, part.line, 1), part.end_column
    return lsp.Range(
        lsp.Position(max(part.line, 1) - 1, max(source.utf16_column(part.line, part.column), 1) - 1),
        lsp.Position(end_line - 1, max(source.utf16_column(end_line, end_column), 1) - 1),
    )


def make_server() -> Server:
    """A server with its features; it holds no state outside of itself."""
    server = Server()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
        ls.check(ls.workspace.get_text_document(params.text_document.uri))

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
        ls.check(ls.workspace.get_text_document(params.text_document.uri))

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
        ls.known.pop(params.text_document.uri, None)
        ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
        lines = ls.workspace.get_text_document(params.text_document.uri).lines
        if params.position.line >= len(lines):
            return None
        return _explained(lines[params.position.line], params.position.character)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]))
    def actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        source, findings = ls.known.get(params.text_document.uri, (None, []))
        if source is None:
            return []
        project = _project(to_fs_path(params.text_document.uri) or "")
        found: list[lsp.CodeAction] = []
        for finding in findings:
            row = diagnostic(finding, source, params.text_document.uri)
            if (
                row.range.start.line <= params.range.end.line
                and row.range.end.line >= params.range.start.line
            ):
                found += _actions(finding, row, source, findings, params.text_document.uri, project)
        return found

    return server


def _actions(
    finding: Finding,
    row: lsp.Diagnostic,
    source: SourceFile,
    findings: list[Finding],
    uri: str,
    project: Project,
) -> list[lsp.CodeAction]:
    """The fix of a finding, if it has one, and the suppression that waits for a reason."""
    found = []
    every = analyse(source).findings
    fix = suggest(finding, source, every, lambda text: analyse(text).findings, depends_on_cachetools(project))
    if fix is not None:
        found.append(_action(f"{fix.title} ({finding.code})", row, uri, _text_edits(fix, source)))
    mark = "#" if language_of(source.path) == "python" else "//"
    line = source.line(finding.line)
    indent = line[: len(line) - len(line.lstrip())]
    comment = f"{indent}{mark} leaklint: ignore[{finding.code}] -- reason\n"
    start = lsp.Position(finding.line - 1, 0)
    edit = lsp.TextEdit(lsp.Range(start, start), comment)
    found.append(_action(f"Ignore {finding.code} here with a reason", row, uri, [edit]))
    return found


def _action(title: str, row: lsp.Diagnostic, uri: str, edits: list[lsp.TextEdit]) -> lsp.CodeAction:
    return lsp.CodeAction(
        title, lsp.CodeActionKind.QuickFix, [row], edit=lsp.WorkspaceEdit(changes={uri: edits})
    )


def _text_edits(fix: Fix, source: SourceFile) -> list[lsp.TextEdit]:
    """Edits of whole lines, in lines and UTF-16 units."""
    rows = []
    for edit in fix.edits:
        places = []
        for offset in (edit.at, edit.end):
            line, column = source.position(offset)
            places.append(lsp.Position(line - 1, source.utf16_column(line, column) - 1))
        rows.append(lsp.TextEdit(lsp.Range(*places), edit.text))
    return rows


def _explained(line: str, character: int) -> lsp.Hover | None:
    """The manual of the rule that a suppression names under the cursor."""
    for comment in _COMMENT.finditer(line):
        for word in _CODE.finditer(line, comment.start(1), comment.end(1)):
            if word.start() <= character <= word.end():
                try:
                    rule = find_rule(all_rules(), word[0])
                except Exception:
                    return None
                return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, rule.manual.strip()))
    return None


def _project(file: str) -> Project:
    """The settings that are in force for a file."""
    folder = Path(file).parent
    return open_project((str(folder if folder.is_dir() else Path.cwd()),))

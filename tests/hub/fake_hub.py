"""A small model hub on 127.0.0.1: it speaks as much of the real one's HTTP as `huggingface_hub` needs."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlparse

GOOD_TOKEN = "hf_good"


class FakeHub:
    """Repositories in memory, behind a web server.

    Attributes:
        repos: name -> revision -> file name -> content.
        moved: old name -> present name (answered by a redirect, as for "bert-base-uncased").
        users: token -> what is told of its user.
        gated, private: names of repositories that want a token.
        large: names of files that are served by redirecting to another address, as large files are.
        status: if set, the answer to everything.
        instead: if set, status, headers and body of the answer to everything.
        pause: seconds between chunks of 1000 bytes.
        ranges: whether a part of a plain file can be asked for.
        break_after: bytes after which a body breaks off.
        requests: what was asked: (method, path).
        headers: headers of the last request, their names in lower case.
    """

    def __init__(self) -> None:
        self.repos: dict[str, dict[str, dict[str, bytes]]] = {}
        self.plain: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.users: dict[str, object] = {}
        self.gated: set[str] = set()
        self.private: set[str] = set()
        self.large: set[str] = set()
        self.status: int | None = None
        self.instead: tuple[int, dict[str, str], bytes] | None = None
        self.pause = 0.0
        self.break_after: int | None = None
        self.ranges = False
        self.closed = False
        self.requests: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_HEAD(self) -> None:
                hub._answer(self, with_body=False)

            def do_GET(self) -> None:
                hub._answer(self, with_body=True)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def add(self, repo: str, revision: str = "main", **files: bytes) -> None:
        """Add files to a repository; `__` in a keyword stands for a dot in the file name."""
        self.repos.setdefault(repo, {})[revision] = {name.replace("__", "."): body for name, body in files.items()}

    def commit(self, repo: str, revision: str) -> str:
        """Commit hash of a revision: it follows from the content."""
        return hashlib.sha1(repr(sorted(self.repos[repo][revision].items())).encode()).hexdigest()

    def close(self) -> None:
        self.closed = True
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler, with_body: bool) -> None:
        path = unquote(urlparse(request.path).path).lstrip("/")
        if self.closed:  # a connection that was kept open
            request.close_connection = True
            return
        self.requests.append((request.command, path))
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        status, headers, body = self._look_up(path, request.headers.get("Authorization"))
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        if not with_body:
            return
        try:
            for start in range(0, len(body), 1000):
                if self.break_after is not None and start >= self.break_after:
                    request.close_connection = True
                    return
                request.wfile.write(body[start : start + 1000])
                if self.pause:
                    request.wfile.flush()
                    time.sleep(self.pause)
        except (BrokenPipeError, ConnectionResetError):
            request.close_connection = True

    def _look_up(self, path: str, authorization: str | None) -> tuple[int, dict[str, str], bytes]:
        if self.instead is not None:
            return self.instead
        if self.status is not None:
            return self.status, {}, b""
        if path.startswith("files/"):
            if path[6:] not in self.plain:
                return 404, {}, b""
            body = self.plain[path[6:]]
            start = self.headers.get("range", "").removeprefix("bytes=").removesuffix("-")
            if self.ranges and start:
                return (206, {}, body[int(start) :]) if int(start) < len(body) else (416, {}, b"")
            return 200, {"ETag": f'"{hashlib.sha256(body).hexdigest()}"'}, body
        if path == "api/whoami-v2":
            user = self.users.get((authorization or "").removeprefix("Bearer "))
            return (401, {}, b"") if user is None else (200, {}, json.dumps(user).encode())
        if path.startswith("cdn/"):
            repo, revision, name = path.removeprefix("cdn/").split("|")
            return 200, {"ETag": '"of-the-cdn"'}, self.repos[repo][revision][name]
        repo, _, rest = path.partition("/resolve/")
        if not rest:
            return 404, {}, b""
        if repo in self.moved:
            return 307, {"Location": f"/{self.moved[repo]}/resolve/{rest}"}, b""
        if authorization not in (None, f"Bearer {GOOD_TOKEN}"):
            return 401, {"X-Error-Message": "Invalid credentials in Authorization header"}, b""
        if repo not in self.repos or (repo in self.private and authorization is None):
            return (404 if authorization else 401), {"X-Error-Code": "RepoNotFound"}, b""
        if repo in self.gated and authorization is None:
            return 401, {"X-Error-Code": "GatedRepo"}, b""
        revision, _, name = rest.partition("/")
        known = self.repos[repo]
        for branch in list(known):
            if revision == self.commit(repo, branch):
                revision = branch
        if revision not in known:
            return 404, {"X-Error-Code": "RevisionNotFound"}, b""
        headers = {"X-Repo-Commit": self.commit(repo, revision)}
        if name not in known[revision]:
            return 404, {"X-Error-Code": "EntryNotFound", **headers}, b""
        body = known[revision][name]
        digest = hashlib.sha256(body).hexdigest()
        if name in self.large:
            headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(body))}
            cdn = self.url.replace("127.0.0.1", "localhost")  # another host, as the hub's storage is
            return 302, {"Location": f"{cdn}/cdn/{repo}|{revision}|{name}", **headers}, b""
        return 200, {"ETag": f'"{digest}"', **headers}, body

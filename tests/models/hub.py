"""A hub on loopback: the two requests of the real one that fetching a model makes."""

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from huggingface_hub import close_session

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def serving(source, files, *, cut=0):
    """Serve ``files`` (name to bytes) as repository ``source``; yield the address and the log.

    Args:
        source: Repository, ``owner/name``.
        files: Contents by name.
        cut: Bytes that every file lacks at its end when it is sent, though not when announced.
    """
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self):
            self.answer()

        def do_GET(self):
            self.answer()

        def answer(self):
            path = self.path.partition("?")[0]
            asked.append((self.command, path))
            siblings = [{"rfilename": name} for name in files]
            about = json.dumps({"id": source, "sha": COMMIT, "siblings": siblings}).encode()
            if path.startswith(f"/api/models/{source}"):
                self.send(about, {"Content-Type": "application/json"})
                return
            before = f"/{source}/resolve/{COMMIT}/"
            name = path.removeprefix(before)
            if not path.startswith(before) or name not in files:
                self.send_error(404)
                return
            tag = hashlib.sha256(files[name]).hexdigest()
            self.send(files[name], {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT}, cut)

        def send(self, body, headers, less=0):
            self.send_response(200)
            for key, value in headers.items():
                self.send_header(key, value)
            if self.command == "GET":
                body = body[: len(body) - less]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        close_session()  # its idle connections would keep the server's threads
        server.shutdown()
        server.server_close()
        thread.join()

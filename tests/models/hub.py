"""A hub on loopback: the two requests of the real one that fetching a model makes.

It speaks https under the certificate in ``hub.pem``, which is for tests alone; whoever asks it
trusts that by ``SSL_CERT_FILE``.
"""

import hashlib
import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from huggingface_hub import close_session

CERTIFICATE = Path(__file__).with_name("hub.pem")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def described(name, content):
    """Return what the hub tells of a file; weights are large files."""
    if name.endswith((".safetensors", ".onnx")):
        lfs = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        return {"rfilename": name, "size": len(content), "lfs": {**lfs, "pointerSize": 100}}
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    return {"rfilename": name, "size": len(content), "blobId": blob}


@contextmanager
def serving(source, files, *, cut=0, redirect=None, swapped=(), secure=True):
    """Serve ``files`` (name to bytes) as repository ``source``; yield the address and the log.

    Args:
        source: Repository, ``owner/name``.
        files: Contents by name.
        cut: Bytes that every file lacks at its end when it is sent, though not when announced.
        redirect: Where files are said to be, in place of sending them.
        swapped: Names of files of which other bytes are sent than were described.
        secure: Whether it speaks https.
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
            asked.append((self.command, path, dict(self.headers)))
            siblings = [described(name, content) for name, content in files.items()]
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
            told = {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT}
            if redirect is not None:
                self.send_response(302)
                for key, value in {**told, "Location": redirect, "Content-Length": "0"}.items():
                    self.send_header(key, value)
                self.end_headers()
                return
            body = files[name][::-1] if name in swapped else files[name]
            self.send(body, told, cut)

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
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"{'https' if secure else 'http'}://127.0.0.1:{server.server_address[1]}", asked
    finally:
        close_session()  # its idle connections would keep the server's threads
        server.shutdown()
        server.server_close()
        thread.join()

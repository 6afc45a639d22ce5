"""An OpenAI-compatible chat server in Python's standard library, with a model that it trains when it starts.

    python3 server.py --port 8000

It is a real server in the small: one thread a connection, HTTP/1.1 with keep-alive, answers streamed as they are made.
SIGTERM ends it the way a route should end: nothing new is accepted, what is being answered is finished.
"""

import argparse
import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from completion import CHAT, TEXT, Completion, Refused, Request
from model import Model

BODY_BYTES_MAX = 1024 * 1024
COMPLETIONS = {"/v1/chat/completions": CHAT, "/v1/completions": TEXT}


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address, model, model_name, words_per_second):
        self.model, self.model_name, self.words_per_second = model, model_name, words_per_second
        self.is_stopping, self.connections = False, set()
        super().__init__(address, Handler)

    def stop(self):
        """Returns when the last answer is sent. Idle connections see their end, busy ones after their answer."""
        self.shutdown()
        self.is_stopping = True
        for connection in list(self.connections):
            end_of_requests(connection)
        self.server_close()

    def handle_error(self, request, client_address):
        # A client that goes away in the middle of an answer is no error of ours.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def end_of_requests(connection):
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 75

    def setup(self):
        super().setup()
        self.server.connections.add(self.connection)
        if self.server.is_stopping:
            end_of_requests(self.connection)

    def finish(self):
        self.server.connections.discard(self.connection)
        super().finish()

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/health":
            self.answer(200, {"status": "ok"})
        elif path == "/v1/models":
            self.answer(200, {"object": "list", "data": [self.model_card()]})
        elif path == f"/v1/models/{self.server.model_name}":
            self.answer(200, self.model_card())
        elif path in COMPLETIONS:
            self.refuse(Refused(405, f"{path} takes POST."))
        else:
            self.refuse(Refused(404, f"There is no {path} here."))

    do_HEAD = do_GET

    def do_POST(self):
        try:
            body = self.read_body()
            kind = COMPLETIONS.get(self.path.partition("?")[0])
            if kind is None:
                raise Refused(404, f"There is no {self.path} to POST to.")
            self.complete(Request(kind, parse(body), self.server.model_name))
        except Refused as refused:
            self.refuse(refused)

    def complete(self, request):
        completion = Completion(request, self.server.model, self.server.model_name)
        if request.stream:
            self.stream(completion.chunks())
        else:
            self.answer(200, completion.whole())

    def stream(self, chunks):
        is_chunked = self.request_version != "HTTP/1.0"
        self.close_connection = self.close_connection or not is_chunked
        self.start(200, "text/event-stream; charset=utf-8", {"Cache-Control": "no-cache", **({"Transfer-Encoding": "chunked"} if is_chunked else {})})
        for chunk in chunks:
            self.send_event(json.dumps(chunk), is_chunked)
            if self.server.words_per_second > 0:
                time.sleep(1 / self.server.words_per_second)
        self.send_event("[DONE]", is_chunked)
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")

    def send_event(self, data, is_chunked):
        event = f"data: {data}\n\n".encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event) if is_chunked else event)

    def read_body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self.read_chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit():
            self.close_connection = True
            raise Refused(400, "Content-Length must be a number.")
        return self.read_exactly(int(length))

    def read_chunks(self):
        body = b""
        while True:
            try:
                size = int(self.rfile.readline(100).split(b";")[0], 16)
            except ValueError:
                self.close_connection = True
                raise Refused(400, "The body is not chunked as it says.") from None
            if size == 0:
                while self.rfile.readline(8192).strip():
                    pass
                return body
            body += self.read_exactly(size, len(body))
            self.rfile.readline(100)

    def read_exactly(self, size, before=0):
        if size < 0 or size + before > BODY_BYTES_MAX:
            self.close_connection = True
            raise Refused(413, f"The body may have at most {BODY_BYTES_MAX} bytes.")
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionAbortedError("the client ended its request in the middle")
        return data

    def model_card(self):
        return {"id": self.server.model_name, "object": "model", "created": 0, "owned_by": "serai-examples"}

    def refuse(self, refused):
        self.answer(refused.status, refused.body())

    def send_error(self, code, message=None, explain=None):
        # What the base class finds wrong with a request, in the same words and form as the rest.
        self.close_connection = True
        self.refuse(Refused(int(code), message or "The request could not be understood."))

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.start(status, "application/json", {"Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def start(self, status, content_type, headers):
        self.close_connection = self.close_connection or self.server.is_stopping
        self.send_response(status)
        for name, value in {"Content-Type": content_type, **headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format, *arguments):
        if getattr(self, "path", "") != "/health":
            print(format % arguments, flush=True)


def parse(body):
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not valid JSON.") from None


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--host", default="0.0.0.0")
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--words-per-second", type=float, default=40, help="how fast an answer is streamed; 0: as fast as it can")
    options = arguments.parse_args()

    started = time.monotonic()
    model = Model(Path(__file__).with_name("corpus.txt").read_text(encoding="utf-8"))
    trained = f"trained on {model.word_count} words in {time.monotonic() - started:.3f} s"
    name = os.environ.get("MODEL_NAME") or "tiny-chat"
    server = Server((options.host, options.port), model, name, options.words_per_second)

    # Blocked before there are other threads, so that the signal waits for the main one.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{name}: {trained}, listening on port {server.server_address[1]}", flush=True)
    signal.sigwait(ends)
    server.stop()


if __name__ == "__main__":
    main()

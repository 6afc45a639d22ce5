# Answers with what a session sees of accelerators in its own environment.
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seen = {name: os.environ.get(name, "") for name in ("SERAI_SESSION", "NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

"""A server between lakeshift and a twin that spoils chosen answers: what proxies, gateways and old links do to real ones."""
import http.client
import http.server
import threading
import urllib.parse


class UnkindServer:
    """Forwards every call to `upstream`; `spoil(method, path, status, headers, body)` may return another (status, headers, body),
    or None to cut the connection."""

    def __init__(self, upstream, spoil):
        self.upstream = urllib.parse.urlsplit(upstream)
        self.spoil = spoil
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length) if length else None
                upstream = http.client.HTTPConnection(outer.upstream.hostname, outer.upstream.port, timeout=30)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding", "connection")}
                upstream.request(self.command, self.path, body, headers)
                response = upstream.getresponse()
                data = response.read()
                upstream.close()
                head = {k: v for k, v in response.getheaders() if k.lower() not in ("content-length", "connection", "transfer-encoding")}
                spoiled = outer.spoil(self.command, self.path, response.status, head, data)
                if spoiled is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, head, data = spoiled
                head = dict(head)
                length = head.pop("content-length", str(len(data)))
                self.send_response(status)
                for name, value in head.items():
                    self.send_header(name, value)
                self.send_header("content-length", length)
                self.end_headers()
                self.wfile.write(data)
                if int(length) != len(data):
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

/** What the gateway is measured by: a proxy of nothing but `node:http` and `undici`, that checks nothing and counts nothing. */
import { createServer } from "node:http";
import { Pool } from "undici";

const [upstream = "", port = "0"] = process.argv.slice(2);
const pool = new Pool(upstream, { pipelining: 1 });
const left = new Set(["connection", "keep-alive", "transfer-encoding"]);
const kept = (raw: readonly string[]): string[] => {
  const headers: string[] = [];
  for (let at = 0; at < raw.length; at += 2) if (!left.has((raw[at] ?? "").toLowerCase())) headers.push(raw[at] ?? "", raw[at + 1] ?? "");
  return headers;
};

createServer((request, response) => {
  const { method = "GET", url: path = "/" } = request;
  const body = request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined ? null : request;
  pool.dispatch(
    { method, path, headers: kept(request.rawHeaders), body },
    {
      onRequestStart(controller) {
        response.on("close", () => controller.abort(new Error("gone"))).on("drain", () => controller.resume());
      },
      onResponseStart(controller, status, _headers, message) {
        response.writeHead(status, message ?? "", kept((controller.rawHeaders as Buffer[]).map((text) => text.toString("latin1"))));
      },
      onResponseData: (controller, chunk) => void (response.write(chunk) || controller.pause()),
      onResponseEnd: () => void response.end(),
      onResponseError: () => void response.destroy(),
    },
  );
}).listen(Number(port), "127.0.0.1");

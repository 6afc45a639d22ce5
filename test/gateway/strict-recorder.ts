/** A server behind the gateway that takes nothing but what has one meaning only, and remembers both what it took and what it did not. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { RouteAddress } from "../../server/gateway/route-table.ts";
import { newId } from "../../server/model/ids.ts";

export type Recorded = { readonly line: string; readonly headers: readonly string[]; readonly body: string };
export type StrictRecorder = AsyncDisposable & {
  readonly route: RouteAddress;
  /** Of the requests whose X-Case is this one. */
  requestsOf(name: string): readonly Recorded[];
  readonly requests: readonly Recorded[];
  readonly violations: readonly string[];
  /** What stands on open connections and is no whole request yet. */
  unfinished(): readonly string[];
};

const requestLine = /^[!#$%&'*+.^_`|~\w-]+ \/[\x21-\x22\x24-\x7e]* HTTP\/1\.1$/;
const headerLine = /^[!#$%&'*+.^_`|~\w-]+: (?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

type Parsed = { readonly recorded: Recorded; readonly rest: string } | "incomplete" | { readonly violation: string };

/** RFC 9112 with every "should" a "must". */
function parseOne(text: string): Parsed {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return "incomplete";
  const [line = "", ...headers] = text.slice(0, end).split("\r\n");
  if (!requestLine.test(line)) return { violation: `request line ${JSON.stringify(line)}` };
  const odd = headers.find((header) => !headerLine.test(header));
  if (odd !== undefined) return { violation: `header ${JSON.stringify(odd)}` };
  const valuesOf = (name: string) =>
    headers.filter((header) => header.toLowerCase().startsWith(`${name}:`)).map((header) => header.slice(name.length + 1).trim());
  const [lengths, codings, hosts] = [valuesOf("content-length"), valuesOf("transfer-encoding"), valuesOf("host")];
  if (hosts.length !== 1) return { violation: `${hosts.length} hosts` };
  if (lengths.length + codings.length > 1) return { violation: "two framings" };
  if (codings.length === 1 && codings[0] !== "chunked") return { violation: `coding ${codings[0]}` };
  if (lengths.length === 1 && !/^\d{1,15}$/.test(lengths[0] ?? "")) return { violation: `length ${lengths[0]}` };
  const after = text.slice(end + 4);
  const framed = codings.length === 1 ? parseChunks(after) : parseLength(after, Number(lengths[0] ?? 0));
  return "body" in framed ? { recorded: { line, headers, body: framed.body }, rest: framed.rest } : framed.missing;
}

type Framed = { readonly body: string; readonly rest: string } | { readonly missing: "incomplete" | { readonly violation: string } };

const parseLength = (text: string, length: number): Framed =>
  text.length < length ? { missing: "incomplete" } : { body: text.slice(0, length), rest: text.slice(length) };

function parseChunks(text: string): Framed {
  let [body, at] = ["", 0];
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return { missing: "incomplete" };
    const sizeText = text.slice(at, lineEnd);
    if (!/^[\da-f]{1,8}$/i.test(sizeText)) return { missing: { violation: `chunk size ${JSON.stringify(sizeText)}` } };
    const size = Number.parseInt(sizeText, 16);
    const dataEnd = lineEnd + 2 + size;
    if (text.length < dataEnd + 2) return { missing: "incomplete" };
    if (text.slice(dataEnd, dataEnd + 2) !== "\r\n") return { missing: { violation: "chunk end, or trailers" } };
    body += text.slice(lineEnd + 2, dataEnd);
    at = dataEnd + 2;
    if (size === 0) return { body, rest: text.slice(at) };
  }
}

export async function openStrictRecorder(): Promise<StrictRecorder> {
  const requests: Recorded[] = [];
  const violations: string[] = [];
  const sockets = new Map<Socket, string>();
  const server = createServer((socket) => {
    sockets.set(socket, "");
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      for (let parsed = parseOne(text); parsed !== "incomplete"; parsed = parseOne(text)) {
        if ("violation" in parsed) {
          violations.push(`${parsed.violation} in ${JSON.stringify(text.slice(0, 400))}`);
          return void socket.destroy();
        }
        requests.push(parsed.recorded);
        text = parsed.rest;
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nrecorded");
      }
      if (!socket.closed) sockets.set(socket, text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    route: { id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: (server.address() as AddressInfo).port, isNew: false },
    requests,
    violations,
    unfinished: () => [...sockets.values()].filter((text) => text !== ""),
    requestsOf: (name) => requests.filter(({ headers }) => headers.some((header) => header.toLowerCase() === `x-case: ${name.toLowerCase()}`)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.keys()) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A client of HTTP/2 that sends any frame, also those that no client should. */
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

export type RawHttp2 = {
  readonly socket: TLSSocket;
  /** @param fields as they are, neither compressed nor checked. */
  headers(streamId: number, fields: readonly (readonly [string, string])[], isEnd: boolean): void;
  data(streamId: number, text: string, isEnd: boolean): void;
  frame(type: number, flags: number, streamId: number, payload?: Buffer): void;
  /** What became of the stream so far: a status, `reset` with its code; the whole connection's end is `closed`. */
  fateOf(streamId: number): string | null;
};

const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, goaway: 7 } as const;
/** HPACK, RFC 7541, appendix A. */
const statuses: Readonly<Record<number, string>> = { 0x88: "200", 0x89: "204", 0x8b: "304", 0x8c: "400", 0x8d: "404", 0x8e: "500" };

export async function openRawHttp2(port: number, ca: string): Promise<RawHttp2> {
  const socket = connect({ port, host: "127.0.0.1", ca, ALPNProtocols: ["h2"] });
  const fates = new Map<number, string>();
  let received = Buffer.alloc(0);
  let isClosed = false;

  function frame(type: number, flags: number, streamId: number, payload: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(streamId, 5);
    if (socket.writable) socket.write(Buffer.concat([head, payload]));
  }

  function take(type: number, flags: number, streamId: number, payload: Buffer): void {
    if (type === frameTypes.settings && flags === 0) frame(frameTypes.settings, 1, 0);
    if (type === frameTypes.headers && !fates.has(streamId)) fates.set(streamId, statuses[payload[0] ?? 0] ?? "other");
    if (type === frameTypes.reset && !fates.has(streamId)) fates.set(streamId, `reset ${payload.readUInt32BE()}`);
  }

  socket.on("data", (bytes) => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
      const length = received.readUIntBE(0, 3);
      take(received[3] ?? 0, received[4] ?? 0, received.readUInt32BE(5) & 0x7fff_ffff, received.subarray(9, 9 + length));
      received = received.subarray(9 + length);
    }
  });
  socket.on("error", () => {}).once("close", () => (isClosed = true));
  await once(socket, "secureConnect");
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  frame(frameTypes.settings, 0, 0);
  return {
    socket,
    frame,
    headers: (streamId, fields, isEnd) =>
      frame(
        frameTypes.headers,
        isEnd ? 5 : 4,
        streamId,
        Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)])),
      ),
    data: (streamId, text, isEnd) => frame(frameTypes.data, isEnd ? 1 : 0, streamId, Buffer.from(text, "latin1")),
    fateOf: (streamId) => fates.get(streamId) ?? (isClosed ? "closed" : null),
  };
}

/** A string without Huffman coding: RFC 7541, 5.2. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length = [127];
  let left = bytes.length - 127;
  for (; left >= 128; left = Math.floor(left / 128)) length.push((left % 128) + 128);
  return Buffer.concat([Buffer.from([...length, left]), bytes]);
}

/** Frames of WebSockets, also those that no client should send. */

const opcodes = { continuation: 0, text: 1, binary: 2, reserved: 3, close: 8, ping: 9, pong: 10 } as const;
type FrameOptions = { readonly isLast?: boolean; readonly isMasked?: boolean; readonly isCompressed?: boolean };

/** RFC 6455, 5.2. As a client sends it, unless said otherwise. */
export function frame(opcode: keyof typeof opcodes, payload: string | Buffer = "", options: FrameOptions = {}): Buffer {
  const { isLast = true, isMasked = true, isCompressed = false } = options;
  const bytes = Buffer.from(payload);
  const mask = Buffer.from(isMasked ? [1, 2, 3, 4] : []);
  const long = bytes.length > 65_535 ? Buffer.alloc(8) : Buffer.alloc(bytes.length > 125 ? 2 : 0);
  if (long.length > 0) long.writeUIntBE(bytes.length, Math.max(0, long.length - 6), Math.min(long.length, 6));
  const length = long.length === 8 ? 127 : long.length === 2 ? 126 : bytes.length;
  const head = Buffer.of((isLast ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcodes[opcode], (isMasked ? 0x80 : 0) | length);
  return Buffer.concat([head, long, mask, isMasked ? bytes.map((byte, at) => byte ^ (mask[at % 4] ?? 0)) : bytes]);
}

export const closing = (code: number, reason = ""): Buffer => frame("close", Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]));

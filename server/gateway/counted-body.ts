/** Between client and route stands a stream of our own: a route that fails must not take the client's connection with it. It counts what passes. */
import { PassThrough, type TransformCallback } from "node:stream";
import { type Exchange, received } from "./exchange.ts";

export class CountedBody extends PassThrough {
  readonly #exchange: Exchange;
  bytesPassed = 0;

  constructor(exchange: Exchange) {
    super();
    this.#exchange = exchange;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytesPassed += chunk.length;
    received(this.#exchange, chunk.length);
    done(null, chunk);
  }
}

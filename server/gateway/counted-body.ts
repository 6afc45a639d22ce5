/** Between client and route stands a stream of our own: a route that fails must not take the client's connection with it. It counts what passes. */
import { PassThrough, type TransformCallback } from "node:stream";

export class CountedBody extends PassThrough {
  bytesPassed = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytesPassed += chunk.length;
    done(null, chunk);
  }
}

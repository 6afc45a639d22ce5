/**
 * Reads a request's body until it is known which model it asks for, and puts back what was read: whoever reads the body after that finds
 * every byte of it.
 *
 * The first 64 KiB are always looked at, so a body that names two models is refused however it was cut on its way. From there on only a
 * body that has named none yet is read: OpenAI's Python client sends `messages`, with the images in them, before `model`. That costs memory,
 * so each body may take 32 MiB, and all that have not been passed on yet 256 MiB. Where that is not enough, the longest that has not named its
 * model is given up: who sends little, or the name first, is never turned away for those who do not.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { askForBody } from "./ask-for-body.ts";
import type { BodyWatch } from "./cut-stalled.ts";
import { type Problem, problem } from "./errors.ts";
import { createModelScan } from "./model-scan.ts";

export type ModelReader = {
  /** The name; else why there is none, and "gone" where the client has left. The request must have a body. */
  read(request: IncomingMessage, response: ServerResponse): Promise<{ readonly model: string } | Problem | "gone">;
};

export type ModelReaderLimits = { readonly bodyBytesMax: number; readonly allBytesMax: number };

const defaultLimits: ModelReaderLimits = { bodyBytesMax: 32 * 1024 * 1024, allBytesMax: 256 * 1024 * 1024 };
const lookedAtBytes = 64 * 1024;
/** What a piece costs beside its bytes: a client may send single ones. */
const pieceBytes = 128;

export function openModelReader(bodies: BodyWatch, limits: ModelReaderLimits = defaultLimits): ModelReader {
  let allBytes = 0;
  const reading = new Set<{ readonly held: () => number; readonly giveUp: () => void }>();

  function giveUpLongest(): void {
    [...reading].toSorted((one, other) => other.held() - one.held())[0]?.giveUp();
  }

  return {
    read: (request, response) =>
      new Promise((resolve) => {
        const scan = createModelScan();
        const pieces: Buffer[] = [];
        let bytes = 0;
        let held = 0;
        const mine = { held: () => held, giveUp: () => settle(problem("TOO_MANY_BODIES")) };
        reading.add(mine);
        const forget = bodies.watch(request, { writableNeedDrain: false }, response);

        function hold(piece: Buffer): void {
          pieces.push(piece);
          bytes += piece.length;
          held += piece.length + pieceBytes;
          allBytes += piece.length + pieceBytes;
        }

        function release(): void {
          allBytes -= held;
          held = 0;
        }

        function settle(found: { readonly model: string } | Problem | "gone"): void {
          forget();
          reading.delete(mine);
          request.off("readable", look).off("end", end).off("close", gone);
          if (found !== "gone" && "model" in found) {
            request.once("end", release).once("close", release);
            // In the same breath as it was read, for a request that has ended takes nothing back.
            request.unshift(Buffer.concat(pieces));
          } else release();
          resolve(found);
        }

        function look(): void {
          for (let piece: Buffer | null; (piece = request.read() as Buffer | null) !== null;) {
            hold(piece);
            scan.push(piece);
            if (scan.mistake !== null) return settle(problem("MODEL_NOT_NAMED", scan.mistake));
            if (scan.model !== null && (scan.isOver || bytes >= lookedAtBytes)) return settle({ model: scan.model });
            if (scan.isOver) return settle(problem("MODEL_NOT_NAMED"));
            if (held > limits.bodyBytesMax) return settle(problem("MODEL_TOO_FAR"));
            if (allBytes > limits.allBytesMax) giveUpLongest();
            if (!reading.has(mine)) return;
          }
        }

        const end = () => settle(problem("MODEL_NOT_NAMED", "The body ends before its JSON object does."));
        const gone = () => settle("gone");
        request.on("readable", look).on("end", end).on("close", gone);
        askForBody(request, response);
        if (request.destroyed) gone();
      }),
  };
}

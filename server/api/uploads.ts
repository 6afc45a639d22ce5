/** `/uploads`: the tus protocol (resumable uploads, https://tus.io/protocols/resumable-upload). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ports } from "../../schema/context.ts";
import type { Viewer } from "../store/users.ts";
import { answerRefused } from "./answer.ts";

export const uploadsPath = "/uploads";

export function createUploads(_ports: Pick<Ports, "database" | "folders" | "log">) {
  return async (_viewer: Viewer, _request: IncomingMessage, response: ServerResponse): Promise<void> =>
    answerRefused(response, { code: "NOT_FOUND", message: "There is no such upload." });
}

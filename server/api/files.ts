/** `/files/<folder>/<path>`: the files of folders over HTTP. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ports } from "../../schema/context.ts";
import type { Viewer } from "../store/users.ts";
import { answerRefused } from "./answer.ts";

export const filesPath = "/files/";

export function createFiles(_ports: Pick<Ports, "database" | "folders" | "log">) {
  return async (_viewer: Viewer, _request: IncomingMessage, response: ServerResponse): Promise<void> =>
    answerRefused(response, { code: "NOT_FOUND", message: "There is no such file." });
}

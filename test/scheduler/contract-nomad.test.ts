/** The contract of every scheduler, on a real Nomad: with the host's own programs, isolated, and in containers. */
import { describe } from "vitest";
import { describeScheduler } from "../contract/scheduler.ts";
import { findBusybox } from "../support/busybox.ts";
import { findDocker } from "../support/docker.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import { openContainerHarness, openHostHarness, openIsolatedHarness } from "../support/nomad-harness.ts";

const noNomad = missing(findNomad() === null, "nomad", "the scheduler's contract on Nomad", "sh test/nomad/build.sh (needs Go)");
const noDocker = !noNomad && missing(!findDocker(), "docker", "the scheduler's contract in containers", "apt-get install docker.io, as root");
const noRoot =
  !noNomad &&
  missing(!findBusybox() || process.getuid?.() !== 0, "nomad", "the scheduler's contract isolated", "apt-get install busybox-static, as root");

describe.skipIf(noNomad)("Nomad with raw_exec", () => describeScheduler("nomad (raw_exec)", openHostHarness));
describe.skipIf(noNomad || noRoot)("Nomad with exec", () => describeScheduler("nomad (exec)", openIsolatedHarness));
describe.skipIf(noNomad || noDocker)("Nomad with docker", () => describeScheduler("nomad (docker)", openContainerHarness));

/** The contract of every scheduler, on a real Nomad: with the host's own programs, isolated, and in containers. */
import { describe } from "vitest";
import { describeScheduler } from "../contract/scheduler.ts";
import { findDocker } from "../support/docker.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import { openContainerHarness, openHostHarness } from "../support/nomad-harness.ts";

const noNomad = missing(findNomad() === null, "nomad", "the scheduler's contract on Nomad", "sh test/nomad/build.sh (needs Go)");
const noDocker = !noNomad && missing(!findDocker(), "docker", "the scheduler's contract in containers", "apt-get install docker.io, as root");

describe.skipIf(noNomad)("Nomad with raw_exec", () => describeScheduler("nomad (raw_exec)", () => openHostHarness()));
describe.skipIf(noNomad)("Nomad with exec", () => describeScheduler("nomad (exec)", () => openHostHarness({ kind: "HOST", isolated: true })));
describe.skipIf(noNomad || noDocker)("Nomad with docker", () => describeScheduler("nomad (docker)", openContainerHarness));

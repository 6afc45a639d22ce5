/** The contract of every scheduler, on a real Nomad with sessions in containers. */
import { describe } from "vitest";
import { describeScheduler } from "../contract/scheduler.ts";
import { findDocker } from "../support/docker.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import { openContainerHarness } from "../support/nomad-harness.ts";

const unavailable =
  missing(findNomad() === null, "nomad", "the scheduler's contract in containers", "sh test/nomad/build.sh (needs Go)") ||
  missing(!findDocker(), "docker", "the scheduler's contract in containers", "apt-get install docker.io, as root");

describe.skipIf(unavailable)("Nomad with docker", () => describeScheduler("nomad (docker)", openContainerHarness));

import { describeScheduler } from "../contract/scheduler.ts";
import { openLocalHarness } from "../contract/local-harness.ts";

describeScheduler("local", openLocalHarness);

import { describeHistories } from "../control/histories.ts";

describeHistories(10_000);

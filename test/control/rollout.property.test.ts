import { describeHistories } from "./histories.ts";

// Ten times as many: test/long/histories.test.ts
describeHistories(1000);

/**
 * Control at scale: 1,000 services of three routes each, on a real database, with a scheduler that runs nothing (pretend-scheduler.ts):
 * so what is measured is Serai alone. Twice, in processes of their own: with probes every hour, and every ten seconds.
 */
import { measureControl } from "./fill-services.ts";
import type { Part } from "./part.ts";

const services = 1000;
const routesEach = 3;
const quietMs = 30_000;

export const control: Part = {
  name: "control",
  missing: () => null,
  async measure(opened) {
    const quiet = await measureControl(opened, { services, routesEach, intervalSeconds: 3600 }, quietMs, null);
    const probed = await measureControl(opened, { services, routesEach, intervalSeconds: 10 }, quietMs, null);
    const routes = services * routesEach;
    const percent = (cores: number): string => `${(100 * cores).toFixed(1)}% of a core`;
    return [
      {
        name: `${services} services of ${routesEach} routes, from nothing to all HEALTHY`,
        figure: `${(quiet.startMs / 1000).toFixed(1)} s`,
        aim: "",
      },
      { name: "the same, CPU of control for each route", figure: `${(quiet.startCpuMs / routes).toFixed(1)} ms`, aim: "" },
      { name: "the same, transactions for each route", figure: quiet.perRoute.toFixed(1), aim: "" },
      { name: `${routes} quiet routes`, figure: percent(quiet.cores), aim: "under 10%" },
      { name: `${routes} routes, each probed every 10 s`, figure: percent(probed.cores), aim: "under 35%" },
      { name: "memory of control (RSS)", figure: `${probed.rssMiB.toFixed(0)} MiB`, aim: "" },
      { name: "corrections by the timer", figure: String(quiet.corrections + probed.corrections), aim: "0" },
    ];
  },
};

/**
 * Fetches a part of the console that is only loaded where it is wanted. Such a fetch fails where the network changed meanwhile, or the
 * server was restarted; so it is repeated once, a second later.
 */
const againAfterMs = 1000;

export const loadPart = <Part>(load: () => Promise<Part>): Promise<Part> =>
  load().catch(async () => {
    await new Promise((resolve) => setTimeout(resolve, againAfterMs));
    return load();
  });

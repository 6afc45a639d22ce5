/** Says in one line what is not run here and how to get it. With CI=true that is a failure. */
export function missing(isMissing: boolean, what: string, howToGetIt: string): boolean {
  if (!isMissing) return false;
  const line = `not run: ${what}; to run it: ${howToGetIt}`;
  if (process.env["CI"] === "true") throw new Error(line);
  console.log(line);
  return true;
}

/** What is wrong with what is typed, in plain words. What only the server knows, it says when it is asked. */
import { isSet, type ServiceValues } from "./values.ts";

const isWhole = (value: number | string): value is number => isSet(value) && Number.isInteger(value) && value >= 0;
const share = (text: string) =>
  /^(\d{1,3}|1000)$/.test(text) || /^(100|[1-9]?\d)%$/.test(text) ? null : "A number of routes, such as 1, or per cent, such as 25%.";
const isOrigin = (text: string): boolean => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
/** As the server has it. */
const acceleratorName = /^[\w.-]+(\/[\w.-]+(\/[!-~]([ -~]*[!-~])?)?)?$/;
const upToADay = (value: number | string) =>
  !isSet(value) || (isWhole(value) && value >= 1 && value <= 86_400) ? null : "A whole number of seconds, 1 to 86400 (a day).";
const positive = (value: number | string) => (isSet(value) && value <= 0 ? "Must be more than 0." : null);

export const validate = {
  name: (name: string) => {
    if (name === "") return "Give the service a name.";
    if (name.length > 63) return "At most 63 characters.";
    if (/[^a-z0-9-]/.test(name)) return "Only lower-case letters, digits and hyphens.";
    return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) ? null : "Starts and ends with a letter or a digit.";
  },
  folderId: (folderId: string | null) => (folderId === null ? "Choose the folder that holds the model and its model-definition.yml." : null),
  aliases: (aliases: readonly string[]) => {
    const wrong = aliases.find((alias) => !/^[A-Za-z0-9][\w.:/@+-]{0,199}$/.test(alias));
    return wrong === undefined ? null : `Not a name for a model: ${wrong}. Letters, digits and . _ : / @ + -, beginning with a letter or digit.`;
  },
  allowedOrigins: (origins: readonly string[]) => {
    const wrong = origins.find((origin) => origin !== "*" && !isOrigin(origin));
    return wrong === undefined ? null : `Not an origin: ${wrong}. Such as https://app.example.com, without a path.`;
  },
  desiredRouteCount: (count: number | string) =>
    isSet(count) && Number.isInteger(count) && count >= 0 ? null : "A whole number, 0 or more. With 0 the service stays stopped.",
  cpu: positive,
  memoryGiB: positive,
  sharedMemoryGiB: (shared: number | string, values: ServiceValues) => {
    if (!isSet(shared)) return null;
    if (shared < 0) return "Must be 0 or more.";
    const memory = isSet(values.memoryGiB) ? values.memoryGiB : null;
    return memory !== null && shared >= memory ? "Must be less than RAM, which it is a part of." : null;
  },
  clusterSize: (size: number | string) => (isWhole(size) && size > 0 ? null : "A whole number, 1 or more."),
  accelerators: {
    name: (name: string, values: ServiceValues) => {
      if (!acceleratorName.test(name)) return "A type, vendor/type or vendor/type/model: gpu, nvidia/gpu, nvidia/gpu/H100.";
      return values.accelerators.filter((each) => each.name === name).length > 1 ? "It is asked for twice." : null;
    },
    count: (count: number | string) => (isWhole(count) && count > 0 ? null : "A whole number, 1 or more."),
  },
  terminationGraceSeconds: (seconds: number | string) =>
    !isSet(seconds) || (Number.isInteger(seconds) && seconds >= 0) ? null : "A whole number of seconds, 0 or more.",
  mounts: {
    folderId: (folderId: string | null) => (folderId === null ? "Choose a folder." : null),
    path: (path: string) => (path === "" || path.startsWith("/") ? null : "An absolute path, such as /data."),
  },
  variables: {
    name: (name: string, values: ServiceValues) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "Letters, digits and _, not beginning with a digit.";
      return values.variables.filter((each) => each.name === name).length > 1 ? "It is given twice." : null;
    },
  },
  traffic: {
    header: (header: string, values: ServiceValues) =>
      values.traffic.affinity !== "HEADER" || /^[!#$%&'*+.^_`|~\w-]{1,64}$/.test(header) ? null : "The name of a header, such as X-Session-Id.",
    firstByteTimeoutSeconds: upToADay,
    idleTimeoutSeconds: upToADay,
  },
  rollout: {
    maxSurge: share,
    maxUnavailable: share,
    steps: {
      weight: (weight: number | string) => (isWhole(weight) && weight <= 100 ? null : "A whole number of per cent, 0 to 100."),
      holdSeconds: (seconds: number | string) => (isWhole(seconds) && seconds <= 604_800 ? null : "A whole number of seconds, up to a week."),
    },
  },
};

/** Said in place of a verdict. */
export const unfinished = "Whether there is room for it is said here once every field can be used.";

/**
 * Why a machine could not even begin: what Docker's driver of Nomad says, put into one sentence that names whose fault it is. The texts are
 * those seen with Nomad 1.11.3 and Docker 20.10; what is not recognized is told as it came.
 */
import { registryOf } from "../image-name.ts";
import { asSentence } from "../words.ts";
import type { Failure, FailureCause } from "../service-status.ts";
import type { Remedy } from "./question.ts";

type DriverFailure = Pick<Failure, "cause" | "message" | "hint">;

const unreachable =
  /connection refused|no such host|i\/o timeout|no route to host|network is unreachable|TLS handshake timeout|context deadline exceeded|Client\.Timeout|request canceled|server misbehaving|http: server gave HTTP response|\bEOF\b|x509:/i;
const unauthorized = /unauthorized|authentication required|no basic auth credentials|denied: (?!requested access)|access forbidden|\b40[13]\b/i;
const absent =
  /manifest unknown|manifest for .* not found|not found|repository .* (does not exist|not found)|name unknown|no such image|pull access denied/i;
const ambiguous = /may require 'docker login'|requested access to the resource is denied/i;

/** Null where it is about something else. */
export function driverFailureOf(message: string): DriverFailure | null {
  const pull = /failed to pull `?([^`\s]+)`?:?\s*(.*)/is.exec(message) ?? /(?:pull(?:ing)?|find) image "?([^"\s]+?)"?:?\s(.*)/is.exec(message);
  if (pull !== null) return imageFailure(pull[1] ?? "", pull[2] ?? "");
  const source = /bind source path does not exist:?\s*(\S+)/i.exec(message) ?? /error while creating mount source path '([^']+)'/i.exec(message);
  if (source !== null) {
    const hint = "The shared file system with the folders has to be mounted on every machine that runs sessions.";
    return { cause: "MOUNT_MISSING", message: `The machine does not have ${(source[1] ?? "").replace(/[.,]$/, "")}, which was to be mounted.`, hint };
  }
  const whom = /unable to find (user|group) (\S+): no matching entries/i.exec(message) ?? /validation:.* unknown (user) (\S+)/i.exec(message);
  if (whom !== null) {
    const [where, hint] = message.includes("host user validation")
      ? ["machine", "An administrator names one that its machines have, in another version of the environment."]
      : ["image", "An administrator names one that it has, or a number, in another version of the environment."];
    return { cause: "START_FAILED", message: `The ${where} has no ${whom[1]} ${(whom[2] ?? "").replace(/\.$/, "")}, as whom it was to run.`, hint };
  }
  if (/driver (?:not|is un)healthy|driver .*not (?:found|available|detected)|cannot connect to the docker daemon/i.test(message)) {
    return {
      cause: "DRIVER",
      message: `The machine's driver does not work: ${asSentence(message)}`,
      hint: "Its operator has to look at Docker there.",
    };
  }
  return null;
}

function imageFailure(image: string, said: string): DriverFailure {
  const name = image.replace(/[`".:]+$/, "");
  const registry = registryOf(name);
  const retry = "Then clear the errors and retry.";
  if (unreachable.test(said)) {
    const hint = `Check that the machines reach ${registry}. ${retry}`;
    return { cause: "REGISTRY_UNREACHABLE", message: `The registry ${registry} cannot be reached, so the image ${name} cannot be pulled.`, hint };
  }
  if (ambiguous.test(said)) {
    const hint = `Check the name; where the registry wants credentials, an administrator says which, in the settings. ${retry}`;
    return { cause: "IMAGE_MISSING", message: `The image ${name} is not in ${registry}, or may not be read without signing in there.`, hint };
  }
  if (absent.test(said))
    return { cause: "IMAGE_MISSING", message: `The image ${name} does not exist in ${registry}.`, hint: `Check its name and tag. ${retry}` };
  if (unauthorized.test(said)) {
    return {
      cause: "IMAGE_UNAUTHORIZED",
      message: `The registry ${registry} does not let the machine read the image ${name}.`,
      hint: `It wants credentials, or others than it was given: an administrator says which, in the settings. ${retry}`,
    };
  }
  return { cause: "START_FAILED", message: `The image ${name} could not be pulled: ${asSentence(said)}`, hint: null };
}

const outside: ReadonlySet<FailureCause> = new Set(["IMAGE_MISSING", "IMAGE_UNAUTHORIZED", "REGISTRY_UNREACHABLE", "MOUNT_MISSING", "DRIVER"]);
/** About what a registry lets be pulled, and so about Serai's credentials for it. */
export const imageCauses: readonly FailureCause[] = ["IMAGE_MISSING", "IMAGE_UNAUTHORIZED"];

/** Can it be put right outside of Serai, with nothing of the service changed? */
export const isOutside = (cause: FailureCause): boolean => outside.has(cause);

export const retryNow: Remedy = { kind: "CLEAR_ERRORS_AND_RETRY", says: "Clear the errors and retry, once that is put right." };

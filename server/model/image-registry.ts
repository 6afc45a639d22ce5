/** Registries of container images that want credentials: what an administrator may say of one. */
import { z } from "zod";
import { registryOf } from "./image-name.ts";

const hostPattern = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?$/;

const host = z
  .string()
  .max(255, "must be 255 characters or less")
  .refine(
    (text) => hostPattern.test(text) && registryOf(`${text}/image`) === text,
    "must be as image names begin: registry.example.com or registry.example.com:5000; docker.io for those that begin with none",
  );

const text = (bytesMax: number) =>
  z
    .string()
    .min(1, "must not be empty")
    .refine((given) => given.isWellFormed() && !given.includes("\0"), "must be text in Unicode without NUL")
    .refine((given) => Buffer.byteLength(given) <= bytesMax, `must be ${bytesMax} bytes or less`);

const username = text(256).refine((given) => !given.includes(":"), "must not contain a colon");
const password = text(16_384);

export const imageRegistryWish = z.strictObject({ host, username, password });

/** What is absent stays as it is. Not the host: a password is given to the registry that it was meant for, and no other. */
export const imageRegistryChange = z.strictObject({ username: username.optional(), password: password.optional() });

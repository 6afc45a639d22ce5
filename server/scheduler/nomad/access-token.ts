/**
 * The ACL token: as it was given, or read from a file that somebody else renews (such as Nomad itself, for a job with an `identity`
 * block). The file is read again when Nomad refuses what it held: a new token needs no restart, and costs nothing until then.
 */
import { readFileSync } from "node:fs";
import { AppError, messageOf } from "../../failure.ts";

export type AccessToken = {
  /** Empty: none. */
  readonly get: () => string;
  /** @returns whether there is another now. */
  readonly renew: () => boolean;
};

export function openAccessToken({ token, tokenFile }: { readonly token?: string | undefined; readonly tokenFile?: string | undefined }): AccessToken {
  let present = tokenFile === undefined ? (token ?? "") : read(tokenFile);
  return {
    get: () => present,
    renew() {
      if (tokenFile === undefined) return false;
      const before = present;
      present = read(tokenFile);
      return present !== before;
    },
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    const message = `NOMAD_TOKEN_FILE cannot be read: ${messageOf(cause)}`;
    throw new AppError("SCHEDULER_FORBIDDEN", message, { publicMessage: "Nomad's token cannot be read at the moment.", retry: true, cause });
  }
}

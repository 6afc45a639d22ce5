/** A connection can go deaf without breaking (a firewall that drops, a frozen machine): a query on it then never ends. */
import { AppError } from "../failure.ts";

/** What the database answers; DATABASE_UNAVAILABLE where it takes longer. The query itself is not ended. */
export async function answeredWithin<T>(answer: PromiseLike<T>, deadlineMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const message = `PostgreSQL has not answered for ${deadlineMs / 1000} seconds`;
  const timer = setTimeout(() => late.reject(new AppError("DATABASE_UNAVAILABLE", message, { retry: true })), deadlineMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

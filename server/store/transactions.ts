/**
 * Transactions, each on a line of its own: a client of postgres.js with one connection, thrown away when that connection ends.
 *
 * postgres.js 3.4.9 by itself goes on with a transaction whose connection has died. What is left of it is written into a socket that
 * is no more, which ends the process where nobody can catch it; or it runs on the connection's successor, in the middle of
 * somebody else's transaction and outside of the fence that its own had checked (porsager/postgres issues 1208, 1216). Here no statement
 * reaches a line after its connection's or its transaction's end; it fails with DATABASE_UNAVAILABLE instead.
 */
import postgres, { type Sql } from "postgres";
import { AppError, messageOf } from "../failure.ts";
import { answeredWithin } from "./deadline.ts";

/** What Drizzle uses of a client within a transaction. */
type Client = { readonly options: Sql["options"]; unsafe(...statement: Parameters<Sql["unsafe"]>): Answer };
type Answer = PromiseLike<unknown> & { values(): PromiseLike<unknown> };

type Line = {
  readonly sql: Sql;
  /** Rejects when its connection has ended; settles in no other way. */
  readonly lost: Promise<never>;
  isLost: boolean;
  readonly openedAt: number;
  lose(reason: string): void;
};

export type Transactions = {
  /** In place of postgres.js's own, for Drizzle. */
  begin<T>(change: (client: Client) => Promise<T>): Promise<T>;
  /** Nothing that is under way will be answered: all of it fails now. */
  renew(): void;
} & AsyncDisposable;

const closed = (): AppError => new AppError("DATABASE_UNAVAILABLE", "The connections to PostgreSQL have been closed.");

/** As long as a connection of the pool. */
const lifetimeMs = 3_600_000;

/** Locks are held for milliseconds, and 5 s by a process that froze with one: what takes longer will not be answered. */
const statementMsMax = 30_000;

/** @param connect makes a client of one connection that calls `ended` when the connection has ended. */
export function openTransactions(connect: (ended: () => void) => Sql, linesMax: number): Transactions {
  const lines = new Set<Line>();
  const idle: Line[] = [];
  const waiting: { readonly resolve: (line: Line) => void; readonly reject: (reason: unknown) => void }[] = [];
  let isClosed = false;

  function openLine(): Line {
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    const line: Line = {
      sql: connect(() => line.lose("The connection to PostgreSQL has ended.")),
      lost: lost.promise,
      isLost: false,
      openedAt: performance.now(),
      lose(reason) {
        if (line.isLost) return;
        line.isLost = true;
        lines.delete(line);
        if (idle.includes(line)) idle.splice(idle.indexOf(line), 1);
        lost.reject(new AppError("DATABASE_UNAVAILABLE", reason, { retry: true }));
        void Promise.allSettled([line.sql.end({ timeout: 0 })]);
      },
    };
    lines.add(line);
    return line;
  }

  /** The one that was used last. */
  async function take(): Promise<Line> {
    return idle.pop() ?? (lines.size < linesMax ? openLine() : new Promise((resolve, reject) => waiting.push({ resolve, reject })));
  }

  function giveBack(line: Line): void {
    // Never in the middle of a transaction, as the client itself would end it.
    if (performance.now() - line.openedAt > lifetimeMs) line.lose("It has served for long enough.");
    const next = waiting.shift();
    if (isClosed) next?.reject(closed());
    else if (next !== undefined) next.resolve(line.isLost ? openLine() : line);
    else if (!line.isLost) idle.push(line);
  }

  async function begin<T>(change: (client: Client) => Promise<T>): Promise<T> {
    if (isClosed) throw closed();
    const line = await take();
    const transaction: Transaction = { line, isOver: false, failure: null };
    try {
      await ask(transaction, () => line.sql.unsafe("begin"));
      const result = await Promise.race([change(clientOf(transaction)), line.lost]);
      // As postgres.js has it: a statement that failed has failed the transaction, whoever caught it.
      if (transaction.failure !== null) throw transaction.failure.thrown;
      await ask(transaction, () => line.sql.unsafe("commit"));
      return result;
    } catch (thrown) {
      if (!line.isLost) await ask(transaction, () => line.sql.unsafe("rollback")).catch(() => line.lose("The transaction did not end."));
      throw thrown;
    } finally {
      transaction.isOver = true;
      giveBack(line);
    }
  }

  return {
    begin,
    renew() {
      for (const line of lines) line.lose("PostgreSQL has stopped answering.");
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      for (const one of waiting.splice(0)) one.reject(closed());
      await Promise.all([...lines].map((line) => line.sql.end({ timeout: 2 })));
    },
  };
}

type Transaction = { readonly line: Line; isOver: boolean; failure: { readonly thrown: unknown } | null };

async function ask<T>(transaction: Transaction, statement: () => PromiseLike<T>): Promise<T> {
  const { line } = transaction;
  if (line.isLost) return line.lost;
  if (transaction.isOver) throw new AppError("INTERNAL", "A statement came after the end of its transaction.");
  try {
    return await answeredWithin(Promise.race([statement(), line.lost]), statementMsMax);
  } catch (thrown) {
    transaction.failure ??= { thrown };
    // Whatever PostgreSQL itself did not say is about the connection.
    if (!(thrown instanceof postgres.PostgresError)) line.lose(messageOf(thrown));
    throw thrown;
  }
}

function clientOf(transaction: Transaction): Client {
  const { sql } = transaction.line;
  // As a query of postgres.js, it begins when it is awaited: so those that are sent together keep their order.
  const begunByAwait = (statement: () => PromiseLike<unknown>): PromiseLike<unknown> => ({
    // oxlint-disable-next-line unicorn/no-thenable
    then: (fulfilled, rejected) => ask(transaction, statement).then(fulfilled, rejected),
  });
  return {
    options: sql.options,
    unsafe: (...statement) =>
      Object.assign(
        begunByAwait(() => sql.unsafe(...statement)),
        { values: () => begunByAwait(() => sql.unsafe(...statement).values()) },
      ),
  };
}

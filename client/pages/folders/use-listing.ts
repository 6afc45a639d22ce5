/**
 * The listing of the place that is shown. The last few places are kept with where they were scrolled to, so that going back
 * shows at once what was there; what has changed meanwhile comes a moment later.
 */
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Connection } from "../../connection/client.ts";
import { useConnection } from "../../connection/current.ts";
import { useRepeating } from "../../connection/fresh.ts";
import { useQuestion, type Ask } from "../../connection/operations.ts";
import { openListing, type Entries, type Listing, type Place } from "./listing.ts";

const keptMax = 12;
const everyMs = 4_000;
/** By connection, so that nobody who signs in next sees it. */
const kept = new WeakMap<Connection, Map<string, Listing>>();

type Shown = {
  readonly listing: Listing;
  readonly entries: Entries;
  readonly onVisible: (first: number, last: number) => void;
  /** Something changed: what is on the screen is read again, and what comes before it. */
  readonly reload: () => Promise<void>;
};

export function useListing(place: Place): Shown {
  const ask = useQuestion();
  const connection = useConnection();
  const { folderId, path, order, nameContains } = place;
  const listing = useMemo(
    () => listingOf(connection, ask, { folderId, path, order, nameContains }),
    [connection, ask, folderId, path, order, nameContains],
  );
  const entries = useSyncExternalStore(listing.subscribe, listing.get);
  const visible = useRef({ first: 0, last: 0 });
  const look = useCallback(() => listing.look(visible.current.first, visible.current.last), [listing]);
  useRepeating(look, everyMs);

  // While the same directory is filtered or sorted in another way, it stays as it was until the answer is there.
  const directory = `${folderId}/${path}`;
  const [before, setBefore] = useState({ directory, entries });
  if (entries.known && before.entries !== entries) setBefore({ directory, entries });
  const shown = !entries.known && entries.problem === undefined && before.directory === directory ? before.entries : entries;

  const onVisible = useCallback(
    (first: number, last: number): void => {
      visible.current = { first, last };
      const { known, isComplete, files } = listing.get();
      if (known && !isComplete && last + 50 >= files.length) void listing.want(last + 50);
    },
    [listing],
  );
  const reload = useCallback(() => listing.reload(visible.current.last), [listing]);
  return { listing, entries: shown, onVisible, reload };
}

function listingOf(connection: Connection | null, ask: Ask, place: Place): Listing {
  if (connection === null) return openListing(ask, place);
  const listings = kept.get(connection) ?? new Map<string, Listing>();
  kept.set(connection, listings);
  const key = JSON.stringify([place.folderId, place.path, place.order, place.nameContains]);
  const listing = listings.get(key) ?? openListing(ask, place);
  listings.delete(key);
  listings.set(key, listing);
  for (const oldest of listings.keys()) {
    if (listings.size <= keptMax) break;
    listings.delete(oldest);
  }
  return listing;
}

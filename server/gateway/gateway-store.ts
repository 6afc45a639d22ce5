/**
 * All that a gateway asks of the database, and tells it. A port of its own, because a gateway that is one of several processes has no
 * connection to the database: there its primary answers, by messages (gateway-link.ts), so everything here is plain data.
 */
import type { TakenPort } from "./permanent-ports.ts";
import type { PublicKeyRow } from "../auth/verifier.ts";
import type { GatewayId, TokenId } from "../model/ids.ts";
import type { Database } from "../store/database.ts";
import { type Beat, deleteGateway, recordGateway, recordTakenPorts, recordTokenUse, type TokenUses } from "../store/gateways.ts";
import { readRouteTable, type RouteTableRow } from "../store/route-table.ts";
import { readSigningKeys } from "../store/signing-keys.ts";
import { recordTraffic } from "../store/traffic.ts";

type ToldTraffic = Parameters<typeof recordTraffic> extends [Database, ...infer Told] ? Told : never;

export type GatewayStore = {
  readRouteTable(): Promise<readonly RouteTableRow[]>;
  readPublicKeys(): Promise<readonly PublicKeyRow[]>;
  recordGateway(id: GatewayId, beat: Beat): Promise<ReadonlyMap<GatewayId, TokenUses>>;
  deleteGateway(id: GatewayId): Promise<void>;
  recordTakenPorts(id: GatewayId, taken: readonly TakenPort[]): Promise<void>;
  recordTokenUse(ids: readonly TokenId[]): Promise<void>;
  recordTraffic(...told: ToldTraffic): Promise<void>;
};

export const gatewayStoreOf = (database: Database): GatewayStore => ({
  readRouteTable: () => readRouteTable(database),
  readPublicKeys: async () => (await readSigningKeys(database)).map(({ id, publicKey, retiresAt }) => ({ id, publicKey, retiresAt })),
  recordGateway: (id, beat) => recordGateway(database, id, beat),
  deleteGateway: (id) => deleteGateway(database, id),
  recordTakenPorts: (id, taken) => recordTakenPorts(database, id, taken),
  recordTokenUse: (ids) => recordTokenUse(database, ids),
  recordTraffic: (...told) => recordTraffic(database, ...told),
});

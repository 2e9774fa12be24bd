/** What keepalived is for an instance (VRRP); `unknown`: its log does not say so. */
export type VrrpState = 'master' | 'backup' | 'fault' | 'unknown';

/** A virtual address as one server that may hold it has it; `holds` is null where the server's addresses could not be read. */
export interface HeldAddress {
  readonly address: string;
  readonly holds: boolean | null;
}

/** One instance of keepalived, or one vip-manager: addresses that move together. */
export interface VrrpInstance {
  readonly name: string;
  readonly state: VrrpState;
  /** Since when it says so, ms since the epoch by the server's clock; null: not known. */
  readonly since: number | null;
  /** As its configuration has it; null: it does not. */
  readonly priority: number | null;
  /** What checks have made of the priority since keepalived started, as its log says; null: it says nothing of it. */
  readonly effectivePriority: number | null;
  readonly addresses: readonly HeldAddress[];
  /** Addresses of the other servers that may hold them (unicast); none where the servers find each other by multicast. */
  readonly peers: readonly string[];
  /**
   * Of a vip-manager: the key in the DCS that it watches, and the name in it with which the address is here; the name is null where its
   * configuration does not say it. Absent with keepalived.
   */
  readonly follows?: { readonly key: string; readonly member: string | null };
}

/** keepalived, or all vip-managers, on one server. */
export interface VipView {
  readonly running: boolean;
  /** What of it could not be read; null where all was. */
  readonly problem: string | null;
  readonly instances: readonly VrrpInstance[];
  /** All addresses that the server has now; none where they could not be read. */
  readonly ownAddresses: readonly string[];
}

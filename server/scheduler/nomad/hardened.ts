/**
 * What no container may do, in the words of Nomad's docker driver. What was tried is in docs/decisions/schedulers.md.
 *
 * What serving a model needs is left: of Docker's fourteen capabilities the eight by which root owns files, becomes somebody else, ends
 * others and listens below 1024. No program gets more than it began with.
 *
 * Dropped one by one: `all`, and back what is needed, is refused by Nomad as soon as an agent's `allow_caps` has one of these less, and comes
 * to the same otherwise. What would take all numbers of processes that the machine has is bounded; threads count, and a server on many cores has
 * thousands of them.
 */
export const hardened = {
  cap_drop: ["audit_write", "mknod", "net_raw", "setfcap", "setpcap", "sys_chroot"],
  security_opt: ["no-new-privileges"],
  pids_limit: 8192,
} as const;

/** Fewer than about ten make the NAT check fail, and firewalled peers then connect on one side only. */
export const NODES = 10

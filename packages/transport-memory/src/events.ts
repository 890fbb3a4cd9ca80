/** What happens in a network. Times are milliseconds of its clock; a peer is named by its host. */
export type NetworkEvent =
  | {
      readonly type: 'dial'
      readonly time: number
      readonly link: number
      readonly from: string
      readonly to: string
    }
  /** The dial reached a transport that takes it. */
  | { readonly type: 'accept'; readonly time: number; readonly link: number }
  /** A frame arrived. */
  | {
      readonly type: 'frame'
      readonly time: number
      readonly link: number
      readonly from: string
      readonly to: string
      /** Bytes. */
      readonly size: number
      /** When it was written. */
      readonly sent: number
    }
  /** A frame will never arrive: its link broke or closed before, or somebody dropped it. */
  | {
      readonly type: 'lost'
      readonly time: number
      readonly link: number
      readonly from: string
      readonly to: string
      /** Bytes. */
      readonly size: number
      /** When it was written. */
      readonly sent: number
    }
  /** The first end of a link closed. */
  | {
      readonly type: 'close'
      readonly time: number
      readonly link: number
      /** Its host, null when it was the network. */
      readonly by: string | null
      /** Why, unless a host wanted it: `ECONNREFUSED`, `ETIMEDOUT` or `ECONNRESET`. */
      readonly code?: string
    }
  /** A fault began, or ended. */
  | {
      readonly type: 'fault'
      readonly time: number
      readonly fault: number
      /** What it is, as `partition`. */
      readonly kind: string
      /** Whom it concerns, for people to read. */
      readonly who: string
      readonly over: boolean
    }
  | { readonly type: 'announce'; readonly time: number; readonly peer: string; readonly topic: string }
  | {
      readonly type: 'lookup'
      readonly time: number
      readonly peer: string
      readonly topic: string
      /** How many were found. */
      readonly found: number
    }

export type OnEvent = (event: NetworkEvent) => void

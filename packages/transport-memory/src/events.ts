/** An event of a network. Times are milliseconds of its clock. A peer goes by the name of its host. */
export type NetworkEvent =
  | {
      readonly type: 'dial'
      readonly time: number
      readonly link: number
      readonly from: string
      readonly to: string
    }
  /** A dial reached a transport that takes it. */
  | { readonly type: 'accept'; readonly time: number; readonly link: number }
  /** A frame arrived. */
  | {
      readonly type: 'frame'
      readonly time: number
      readonly link: number
      readonly from: string
      readonly to: string
      /** In bytes. */
      readonly size: number
      /** When it was written. */
      readonly sent: number
    }
  /** A frame will never arrive: its link broke or closed before, or it was dropped. */
  | {
      readonly type: 'lost'
      readonly time: number
      readonly link: number
      readonly from: string
      readonly to: string
      /** In bytes. */
      readonly size: number
      /** When it was written. */
      readonly sent: number
    }
  /** The first end of a link closed. */
  | {
      readonly type: 'close'
      readonly time: number
      readonly link: number
      /** The name of its host; null when the network broke the link. */
      readonly by: string | null
      /** Why, unless a host wanted it: `ECONNREFUSED`, `ETIMEDOUT` or `ECONNRESET`. */
      readonly code?: string
    }
  /** An injected fault began, or is over. */
  | {
      readonly type: 'fault'
      readonly time: number
      readonly fault: number
      /** The verb, and the way where there are several, as `partition` or `dial refused`. */
      readonly kind: string
      /** The hosts concerned, for people to read. */
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

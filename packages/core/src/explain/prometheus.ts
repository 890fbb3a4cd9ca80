/** Where a gauge puts its value. */
interface GaugeValue {
  set(value: number): void
}

interface Gauge extends GaugeValue {
  labels(value: string): GaugeValue
}

/** The part of the module `prom-client` that is used. */
export interface PromClient {
  readonly Gauge: new (options: {
    name: string
    help: string
    labelNames?: string[]
    // A method, so that prom-client's own type of `this` fits.
    collect(): void
  }) => unknown
}

/** The numbers that are registered. */
type Numbers = { readonly [K in (typeof METRICS)[number]['key']]: number | Readonly<Record<string, number>> }

/** Named as hyperswarm-stats names its own. The label names the keys of a number that is several. */
export const METRICS = [
  { key: 'nrPeers', name: 'networker_nr_peers', help: 'Number of peers' },
  { key: 'nrStreams', name: 'networker_nr_streams', help: 'Number of open streams' },
  { key: 'nrTopics', name: 'networker_nr_topics', help: 'Number of configured topics' },
  {
    key: 'connectionsOpened',
    name: 'networker_connections_opened',
    help: 'Total number of connections that were admitted, by who dialled',
    label: 'direction'
  },
  {
    key: 'connectionsClosed',
    name: 'networker_connections_closed',
    help: 'Total number of admitted connections that have closed, by who dialled',
    label: 'direction'
  },
  {
    key: 'connectionsRefused',
    name: 'networker_connections_refused',
    help: 'Total number of connections that we refused, by why',
    label: 'reason'
  },
  {
    key: 'dials',
    name: 'networker_dials',
    help: 'Total number of our dials that have ended, by outcome',
    label: 'outcome'
  },
  { key: 'redials', name: 'networker_redials', help: 'Total number of dials after a pause' },
  { key: 'announces', name: 'networker_announces', help: 'Total number of announcements that were stored' },
  { key: 'lookups', name: 'networker_lookups', help: 'Total number of lookups that were answered' },
  { key: 'flushes', name: 'networker_flushes', help: 'Total number of flushes of topics' },
  { key: 'faults', name: 'networker_faults', help: 'Total number of faults, by code', label: 'code' },
  {
    key: 'bytesRead',
    name: 'networker_total_bytes_received',
    help: 'Total encrypted bytes received, over all streams'
  },
  {
    key: 'bytesWritten',
    name: 'networker_total_bytes_transmitted',
    help: 'Total encrypted bytes sent, over all streams'
  }
] as const

export function register({ Gauge }: PromClient, numbers: Numbers): void {
  for (const metric of METRICS) {
    const { key, name, help } = metric
    const labelNames = 'label' in metric ? [metric.label] : []
    new Gauge({
      name,
      help,
      labelNames,
      collect(this: Gauge) {
        const value = numbers[key]
        if (typeof value === 'number') this.set(value)
        else for (const [label, n] of Object.entries(value)) this.labels(label).set(n)
      }
    } as never)
  }
}

import { inSeconds } from '../in-seconds.js'
import type { Ends } from './open-links.js'
import type { TraceEvent } from './trace.js'

/** An event as a line of text, without its time. @param ends the ends of the link that the event is about */
export function textOf(event: TraceEvent, ends?: Ends): string {
  const between = ends ? ` from ${ends.from} to ${ends.to}` : ''
  switch (event.type) {
    case 'dial':
      return `${event.from} dials ${event.to}: link ${event.link}`
    case 'accept':
      return `link ${event.link}${between} arrives`
    case 'frame':
      return `${event.from} -> ${event.to} ${event.size} bytes, sent at ${inSeconds(event.sent)}`
    case 'lost':
      return `${event.from} -> ${event.to} ${event.size} bytes are lost, sent at ${inSeconds(event.sent)}`
    case 'close':
      return `link ${event.link}${between} is closed by ${event.by ?? 'the network'}${event.code ? `: ${event.code}` : ''}`
    case 'fault':
      return `${event.kind} ${event.over ? 'ends' : 'begins'}: ${event.who}${chaosOf(event)}`
    case 'announce':
      return `${event.peer} announces ${event.topic}`
    case 'lookup':
      return `${event.peer} looks up ${event.topic} and finds ${event.found}`
    case 'peer':
      return `${event.peer}: ${event.what}`
    case 'blocks':
      return `${event.peer} has ${event.blocks} of ${event.length} blocks of ${event.core}`
    case 'connection':
      return `${event.peer} ${event.open ? 'has' : 'has lost'} ${event.remote}`
    case 'note':
      return event.text
    case 'failure':
      return `failure: ${event.message.split('\n', 1)[0]}`
  }
}

function chaosOf({ chaos }: TraceEvent): string {
  return chaos === undefined ? '' : `, chaos ${chaos}`
}

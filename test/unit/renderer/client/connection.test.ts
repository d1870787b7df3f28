/** The page's connection over a channel that breaks when it is told to. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type ChannelEvents,
  connect,
  type Connection,
  type ConnectionState,
} from '../../../../src/renderer/client/connection.ts'

type Sent = { id: number; name: string; input: unknown }

let kept: string | null | undefined
let channels: { events: ChannelEvents; sent: Sent[] }[]
let isReachable: boolean
const memory = { read: () => kept, write: (path: string | null) => void (kept = path) }

function start(): Promise<Connection> {
  return connect(
    async (events) => {
      if (!isReachable) throw new Error('not now')
      const channel = { events, sent: [] as Sent[] }
      channels.push(channel)
      return { send: (message) => void channel.sent.push(message as Sent) }
    },
    memory,
    { pausesMs: [0], attemptsUntilLost: 3 },
  )
}

const app = (workspacePath: string | null) => ({ workspacePath, workspaceKey: workspacePath && 'abc' })
const last = () => channels.at(-1)!
const sentNow = () => last().sent.map(({ name, input }) => [name, input])
function reply(at: number, value: unknown): void {
  last().events.receive({ id: last().sent[at]!.id, reply: { ok: true, value } })
}

beforeEach(() => {
  kept = undefined
  channels = []
  isReachable = true
})

describe('a connection', () => {
  it('asks, hears answers and events, and knows where images are', async () => {
    const connection = await start()
    const heard: unknown[] = []
    const off = connection.on('workspace/changed', (event) => heard.push(event))
    const described = connection.client['app/describe']({})
    reply(0, app('/a.headwise'))
    expect(await described).toMatchObject({ workspacePath: '/a.headwise' })
    expect(kept).toBe('/a.headwise')
    expect(connection.imageUrl(7, 'picture')).toBe('/image/7/picture?w=abc')
    last().events.receive({ event: 'workspace/changed', content: { topic: 'run' } })
    off()
    last().events.receive({ event: 'workspace/changed', content: { topic: 'pool' } })
    expect(heard).toEqual([{ topic: 'run' }])
    const failing = connection.client['job/read']({ jobId: 1 })
    last().events.receive({ id: last().sent[1]!.id, reply: { ok: false, code: 'not-found', message: 'No job.' } })
    await expect(failing).rejects.toMatchObject({ code: 'not-found', message: 'No job.' })
  })

  it('that breaks fails what was under way, comes back with the same workspace, and then asks what waited', async () => {
    const connection = await start()
    const opened = connection.client['app/open']({ path: '/a.headwise' })
    reply(0, app('/a.headwise'))
    await opened
    const states: ConnectionState[] = []
    connection.onState((state) => states.push(state))
    const underWay = connection.client['run/list']({})
    last().events.lost()
    await expect(underWay).rejects.toMatchObject({
      code: 'engine-lost',
      message: 'The engine stopped while it worked on this; what was saved is saved.',
    })
    const waiting = connection.client['job/list']({})
    await vi.waitFor(() => expect(channels).toHaveLength(2))
    await vi.waitFor(() => expect(sentNow()).toEqual([['app/open', { path: '/a.headwise' }]]))
    expect(states).toEqual(['open', 'restarting'])
    reply(0, app('/a.headwise'))
    await vi.waitFor(() => expect(sentNow()).toHaveLength(2))
    expect(sentNow()[1]).toEqual(['job/list', {}])
    reply(1, [])
    expect(await waiting).toEqual([])
    expect(states).toEqual(['open', 'restarting', 'open'])
  })

  it('of a page that was loaded again shows what that page showed, the start screen too', async () => {
    kept = null
    const starting = start()
    await vi.waitFor(() => expect(sentNow()).toEqual([['app/close', {}]]))
    reply(0, app(null))
    const connection = await starting
    expect(connection.imageUrl(1, 'thumbnail')).toBe('/image/1/thumbnail?w=')
  })

  it('that does not come back is lost, fails what waits, and is still tried', async () => {
    const connection = await start()
    const states: ConnectionState[] = []
    connection.onState((state) => states.push(state))
    isReachable = false
    last().events.lost()
    const waiting = connection.client['run/list']({})
    await expect(waiting).rejects.toMatchObject({ code: 'engine-lost' })
    expect(states).toEqual(['open', 'restarting', 'lost'])
    await expect(connection.client['run/list']({})).rejects.toMatchObject({ code: 'engine-lost' })
    isReachable = true
    await vi.waitFor(() => expect(states.at(-1)).toBe('open'))
  })

  it('that never opens is told at once', async () => {
    isReachable = false
    await expect(start()).rejects.toMatchObject({ code: 'engine-lost', message: 'The engine cannot be reached.' })
  })
})

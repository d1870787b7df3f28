/** The real `headwise serve`, whose engine process is really killed in the middle of a job. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConnectionState } from '../../src/renderer/client/connection.ts'
import { cookieOf, endOfJob, pageConnection } from '../support/page-connection.ts'
import { type Place, sampleFolder, temporaryFolder } from '../support/sample.ts'
import { serveByCli, type ServingCli } from '../support/serve-cli.ts'

let place: Place
let serving: ServingCli

beforeEach(async () => {
  place = temporaryFolder()
  serving = await serveByCli([], place.folder)
})
afterEach(async () => {
  await serving.stop()
  place.remove()
})

describe.skipIf(process.platform === 'win32')('headwise serve', () => {
  it('brings a killed engine back with every edit, goes on with its job, and keeps its visitors', async () => {
    const cookie = await cookieOf(serving.link)
    const { connection, closes, close } = await pageConnection(serving.link, cookie)
    const states: ConnectionState[] = []
    connection.onState((state) => states.push(state))
    const { client } = connection
    expect(await client['app/describe']({})).toMatchObject({ workspacePath: null, home: 'browser' })
    const path = join(place.folder, 'a.headwise')
    await client['app/create']({ path })
    const model = await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
    const imported = endOfJob(connection, (job) => job.kind === 'import')
    await client['data-set/add']({ path: join(sampleFolder, 'scenes') })
    const dataSetId = (await imported).resultId!
    const { jobId } = await client['run/decompose']({ modelId: model.id, dataSetId, provider: 'cpu' })
    await new Promise<void>((resolve) => {
      connection.on('job/progressed', (job) => job.id === jobId && job.done > 300 && resolve())
    })
    // The last edit before the end.
    await client['pool/add']({ path: join(sampleFolder, 'pool.txt'), name: 'kept' })
    const before = serving.enginePid()!
    const resumed = endOfJob(connection, (job) => job.id > jobId)
    process.kill(before, 'SIGKILL')
    await vi.waitFor(() => expect(states).toEqual(['open', 'restarting', 'open']), { timeout: 60_000 })
    expect(closes).toEqual([1012])
    expect(serving.enginePid()).not.toBe(before)
    expect(serving.output()).toContain(
      'The engine ended (signal SIGKILL) and is started again; what was saved is saved.',
    )

    expect((await client['app/describe']({})).workspacePath).toBe(path)
    expect((await client['pool/list']({})).map(({ name }) => name)).toEqual(['kept'])
    expect(await client['job/read']({ jobId })).toMatchObject({
      state: 'interrupted',
      error: { code: 'engine-lost', message: 'The program ended before the job did; what was committed is kept.' },
      resumedById: jobId + 1,
    })
    expect(await resumed).toMatchObject({ id: jobId + 1, state: 'done', done: 600, total: 600 })
    expect((await client['run/list']({}))[0]).toMatchObject({ state: 'complete', images: 600 })
    expect((await fetch(new URL('/', serving.link), { headers: { cookie } })).status).toBe(200)
    close()
    expect(await serving.stop()).toBe(0)
  })
})

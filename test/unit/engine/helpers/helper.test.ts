/** A helper process as its engine sees it, with a process that is made up. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Helper, type HelperProcess, type ToHelper } from '../../../../src/engine/helpers/index.ts'

const options = { workspacePath: 'a', fileIdentity: '1', databaseFolder: 'd', cacheFolder: 'c', programVersion: 'test' }

let posted: ToHelper[]
let exits: ((how: string) => void)[]
let helper: Helper
beforeEach(() => {
  posted = []
  exits = []
  helper = new Helper('asks', startProcess, options, () => {})
})

function startProcess(): HelperProcess {
  return {
    post: (message) => posted.push(message),
    onMessage: () => {},
    onExit: (listener) => exits.push(listener),
    kill: () => {},
  }
}

describe('a helper that is closed', () => {
  it('is not started again by what comes late: it would hold the file for ever', async () => {
    const first = helper.ask('provider/list', {})
    const closing = helper.close()
    const refusal = { code: 'no-workspace', message: 'The workspace "a" is being closed.' }
    await expect(helper.ask('provider/list', {})).rejects.toMatchObject(refusal)
    exits[0]!('code 0')
    await closing
    await expect(first).rejects.toMatchObject({ code: 'engine-lost' })
    await expect(helper.ask('provider/list', {})).rejects.toMatchObject(refusal)
    expect(exits).toHaveLength(1)
    expect(posted.map(({ kind }) => kind)).toEqual(['open', 'ask', 'close'])
  })

  it('before it was ever needed is never started', async () => {
    await helper.close()
    await expect(helper.ask('provider/list', {})).rejects.toMatchObject({ code: 'no-workspace' })
    expect(exits).toEqual([])
  })
})

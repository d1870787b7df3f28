/** The real server over a workspace, with desk and engine in the test's own process. */
import { join } from 'node:path'
import { Desk } from '../../src/engine/index.ts'
import { deskHome, serve } from '../../src/server/index.ts'
import { databaseFolder, projectFolder } from './sample.ts'

export type ServedWorkspace = { desk: Desk; link: string; close(): Promise<void> }

/**
 * @param workspacePath undefined for the start screen
 * @param folder where settings, caches and the sample's workspace go
 */
export async function servedWorkspace(workspacePath: string | undefined, folder: string): Promise<ServedWorkspace> {
  const desk = new Desk({
    home: 'browser',
    workspacePath,
    databaseFolder,
    cacheFolder: join(folder, 'cache'),
    programVersion: 'test',
    settingsFolder: join(folder, 'settings'),
    dataFolder: join(folder, 'data'),
    resourcesFolder: join(projectFolder, 'resources'),
  })
  await desk.start()
  const served = await serve({ home: deskHome(desk), rendererFolder: join(projectFolder, 'out', 'renderer') })
  return {
    desk,
    link: served.link,
    async close() {
      await served.close()
      await desk.close()
    },
  }
}

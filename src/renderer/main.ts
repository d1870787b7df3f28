/** Starts the page: finds its engine, then shows the workspace. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import './assets/base.css'
import './assets/places.css'
import { connectByPort } from './client/message-port-client.ts'
import { connectByWebSocket } from './client/web-socket-client.ts'
import { makeRouter } from './router.ts'
import { useWorkspaceStore } from './stores/workspaceStore.ts'

const isServed = location.protocol === 'http:'
const app = createApp(App).use(createPinia()).use(makeRouter())
const workspace = useWorkspaceStore()
app.mount('#app')

const lost = () => {
  workspace.isLost = true
}
const connecting = isServed ? connectByWebSocket(`ws://${location.host}/calls`, lost) : connectByPort(lost)
connecting.then((connection) => workspace.open(connection)).catch(lost)

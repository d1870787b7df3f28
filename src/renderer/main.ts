/** Starts the page: finds its engine, then shows what it has open. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import './assets/base.css'
import './assets/layers.css'
import { connectByPort } from './client/message-port-client.ts'
import { connectByWebSocket } from './client/web-socket-client.ts'
import { makeRouter } from './router.ts'
import { useSession } from './stores/session.ts'

const app = createApp(App).use(createPinia()).use(makeRouter())
const session = useSession()
app.mount('#app')

const isServed = location.protocol === 'http:'
void session.begin(isServed ? connectByWebSocket(`ws://${location.host}/calls`) : connectByPort())

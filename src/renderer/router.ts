/** Places and what is selected in them, in the URL, so that back, forward and a copied link work. */
import { createRouter, createWebHashHistory, type Router } from 'vue-router'
import DataView from './views/DataView.vue'
import HeadsView from './views/HeadsView.vue'
import PoolsView from './views/PoolsView.vue'

export const places = [
  { name: 'data', title: 'Data', key: 'd' },
  { name: 'heads', title: 'Heads', key: 'h' },
  { name: 'pools', title: 'Pools', key: 'p' },
] as const

export function makeRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/heads' },
      { path: '/data', name: 'data', component: DataView },
      { path: '/heads', name: 'heads', component: HeadsView },
      { path: '/pools', name: 'pools', component: PoolsView },
      { path: '/:rest(.*)', redirect: '/heads' },
    ],
  })
}

/** Places and what is selected in them, in the URL, so that back, forward and a copied link work. */
import { createRouter, createWebHashHistory, type Router } from 'vue-router'

export const places = [
  { name: 'data', title: 'Data', key: 'd' },
  { name: 'heads', title: 'Heads', key: 'h' },
  { name: 'pools', title: 'Pools', key: 'p' },
  { name: 'segments', title: 'Segments', key: 's' },
  { name: 'jobs', title: 'Jobs', key: 'j' },
] as const

export function makeRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/heads' },
      { path: '/data', name: 'data', component: () => import('./views/DataView.vue') },
      { path: '/image/:imageId(\\d+)', name: 'image', component: () => import('./views/ImageView.vue') },
      { path: '/heads', name: 'heads', component: () => import('./views/HeadsView.vue') },
      { path: '/roles', name: 'roles', component: () => import('./views/RolesView.vue') },
      { path: '/pools', name: 'pools', component: () => import('./views/PoolsView.vue') },
      { path: '/segments', name: 'segments', component: () => import('./views/SegmentsView.vue') },
      { path: '/jobs', name: 'jobs', component: () => import('./views/JobsView.vue') },
      { path: '/:rest(.*)', redirect: '/heads' },
    ],
  })
}

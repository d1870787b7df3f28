export { imageHeaders, securityHeaders, uncached } from './headers.ts'
export { pageFileAt, type PageFile, readPage } from './page-files.ts'
export { pagePolicy } from './page-policy.ts'

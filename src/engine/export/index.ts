export { exportArrays, type ExportPlan } from './export-arrays.ts'
export { npyWriter } from './npy.ts'

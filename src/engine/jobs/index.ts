export { JobRunner, type JobContext, type JobWork } from './job-runner.ts'

export { JobRunner, type JobContext, type JobRunnerOptions, type Perform, WorkLost } from './job-runner.ts'
